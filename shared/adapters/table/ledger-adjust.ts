import type { TableClient } from '@azure/data-tables';
import { type Decision, toRetractedBefore, toSameVector } from '../../domain/decision.js';
import { toSnapshots } from '../../domain/trigger.js';
import type { LedgerEntry } from '../../ports/ledger.js';
import { fromTriggerRow, toInputPrefix, toInputRowKey, toTriggerRowKey } from './ledger-rows.js';
import { findRow, groupBy, listRows, type Row } from './requests.js';

/** What a decision becomes in view of the rows its trigger meets, and the rows of its snapshots that others have. */
export interface Adjusted {
  readonly settled: Decision;
  readonly taken: ReadonlyMap<string, Row>;
}

/** What the decision becomes in view of the rows its trigger meets. */
export async function adjust(table: TableClient, partitionKey: string, decision: Decision): Promise<Adjusted> {
  const { verdict, trigger } = decision;
  if (trigger === undefined) return { settled: decision, taken: new Map() };
  const first = await findEntry(table, partitionKey, trigger.triggerId);
  if (first) {
    const firstEventId = first.trigger.inputs[0]?.eventId ?? '';
    return { settled: { verdict: toSameVector(verdict, firstEventId) }, taken: new Map() };
  }
  if (trigger.kind === 'revocation') return { settled: decision, taken: new Map() };
  const keys = toSnapshots(trigger).map((snapshot) => toInputRowKey(trigger.subscription, snapshot));
  const rows = await Promise.all(keys.map((key) => findRow(table, partitionKey, key)));
  const taken = new Map(rows.flatMap((row) => (row?.rowKey === undefined ? [] : [[row.rowKey, row] as const])));
  const retracted = [...taken.values()].some((row) => row['Retracted'] === true);
  return retracted
    ? { settled: { verdict: toRetractedBefore(verdict) }, taken: new Map() }
    : { settled: decision, taken };
}

/** A trigger as it stands in a partition. @throws RetryableError | TerminalError */
export async function findEntry(
  table: TableClient,
  partitionKey: string,
  triggerId: string,
): Promise<LedgerEntry | undefined> {
  const row = await findRow(table, partitionKey, toTriggerRowKey(triggerId));
  return row && fromTriggerRow(row);
}

/** Rows that are read beyond two of each decision before the range counts as too wide. */
const maxOthers = 200;

/**
 * What decisions of one partition become, from one range of index rows per subscription instead of reads of each
 * trigger: a part of a replay is about snapshots that follow each other, and so do their rows. Decisions the ranges say
 * nothing about are undefined, in the order given.
 */
export async function adjustByRange(
  table: TableClient,
  partitionKey: string,
  decisions: readonly Decision[],
): Promise<(Adjusted | undefined)[]> {
  const groups = groupBy(decisions.filter(hasOneSnapshot), ({ verdict }) => verdict.subscription);
  const read = [...groups].map(async ([subscription, group]) => {
    return [subscription, await readRange(table, partitionKey, { subscription, group })] as const;
  });
  const ranges = new Map(await Promise.all(read));
  return decisions.map((decision) => {
    const rows = hasOneSnapshot(decision) ? ranges.get(decision.verdict.subscription) : undefined;
    if (decision.trigger === undefined) return { settled: decision, taken: new Map() };
    return rows && adjustTo(decision, rows);
  });
}

function hasOneSnapshot({ trigger }: Decision): boolean {
  return trigger?.kind === 'trigger' && trigger.inputs.length === 1;
}

/** Index rows by key from the first to the last snapshot of a group; undefined when there are too many others. */
async function readRange(
  table: TableClient,
  partitionKey: string,
  { subscription, group }: { subscription: string; group: readonly Decision[] },
): Promise<ReadonlyMap<string, Row> | undefined> {
  const names = group.flatMap(({ trigger }) => (trigger ? toSnapshots(trigger).map(({ name }) => name) : [])).sort();
  const [first = ''] = names;
  const prefix = toInputPrefix(subscription);
  const limit = 2 * group.length + maxOthers;
  const range = { prefix: prefix + first, end: `${prefix}${names.at(-1) ?? ''}~`, limit };
  const rows = await listRows(table, partitionKey, range);
  return rows.length < limit ? new Map(rows.map((row) => [String(row.rowKey), row])) : undefined;
}

/** The first row of a snapshot has its first trigger or the mark of its retraction; further triggers have rows behind it. */
function adjustTo(decision: Decision, rows: ReadonlyMap<string, Row>): Adjusted {
  const { verdict, trigger } = decision;
  if (trigger === undefined) return { settled: decision, taken: new Map() };
  const [snapshot = { name: '', revision: 0 }] = toSnapshots(trigger);
  const rowKey = toInputRowKey(trigger.subscription, snapshot);
  const base = rows.get(rowKey);
  const own = base?.['TriggerId'] === trigger.triggerId ? base : rows.get(rowKey + trigger.triggerId);
  if (own) return { settled: { verdict: toSameVector(verdict, String(own['EventId'])) }, taken: new Map() };
  if (base?.['Retracted'] === true) return { settled: { verdict: toRetractedBefore(verdict) }, taken: new Map() };
  return { settled: decision, taken: new Map(base ? [[rowKey, base]] : []) };
}
