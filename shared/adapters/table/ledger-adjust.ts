import type { TableClient } from '@azure/data-tables';
import type { Trigger } from '../../contracts/trigger.js';
import { type Decision, toRetractedBefore, toSameVector } from '../../domain/decision.js';
import { toSnapshots } from '../../domain/trigger.js';
import { findEntry } from './ledger-entry.js';
import { toInputPrefix, toInputRowKey } from './ledger-rows.js';
import { findRow, groupBy, listRows, type Row } from './requests.js';

/** What a decision becomes in view of the rows its trigger meets, and the rows of its snapshots that others have. */
export interface Adjusted {
  readonly settled: Decision;
  readonly taken: ReadonlyMap<string, Row>;
}

/** What the decision becomes in view of the rows its trigger meets. @throws RetryableError | TerminalError */
export async function adjust(table: TableClient, partitionKey: string, decision: Decision): Promise<Adjusted> {
  const { trigger } = decision;
  if (trigger === undefined) return toAdjusted(decision);
  const first = await findEntry(table, partitionKey, trigger.triggerId);
  if (first) return toAdjusted(decision, { firstEventId: first.trigger.inputs[0]?.eventId ?? '' });
  if (trigger.kind === 'revocation') return toAdjusted(decision);
  const keys = toSnapshots(trigger).map((snapshot) => toInputRowKey(trigger.subscription, snapshot));
  const rows = await Promise.all(keys.map((key) => findRow(table, partitionKey, key)));
  const taken = rows.flatMap((row) => (row?.rowKey === undefined ? [] : [[row.rowKey, row] as const]));
  return toAdjusted(decision, { taken: new Map(taken) });
}

/**
 * The same for decisions of one partition, from one range of index rows per subscription instead of reads of each
 * trigger: a part of a replay is about snapshots that follow each other, and so do their rows. Undefined where a range
 * says nothing, in the order given. @throws RetryableError | TerminalError
 */
export async function adjustByRange(
  table: TableClient,
  partitionKey: string,
  decisions: readonly Decision[],
): Promise<(Adjusted | undefined)[]> {
  const triggers = decisions.flatMap(({ trigger }) => (trigger && hasOneSnapshot(trigger) ? [trigger] : []));
  const read = [...groupBy(triggers, ({ subscription }) => subscription)].map(async ([subscription, group]) => {
    return [subscription, await readRange(table, partitionKey, group)] as const;
  });
  const ranges = new Map(await Promise.all(read));
  return decisions.map((decision) => {
    const { trigger } = decision;
    if (trigger === undefined) return toAdjusted(decision);
    const rows = hasOneSnapshot(trigger) ? ranges.get(trigger.subscription) : undefined;
    return rows && toAdjusted(decision, findInRange(trigger, rows));
  });
}

function hasOneSnapshot({ kind, inputs }: Trigger): boolean {
  return kind === 'trigger' && inputs.length === 1;
}

/** Rows that are read beyond two of each trigger before a range counts as too wide. */
const maxOthers = 200;

/** Index rows by key from the first to the last snapshot of a subscription's triggers; undefined when too many others are among them. */
async function readRange(
  table: TableClient,
  partitionKey: string,
  triggers: readonly Trigger[],
): Promise<ReadonlyMap<string, Row> | undefined> {
  const names = triggers.flatMap((trigger) => toSnapshots(trigger).map(({ name }) => name)).sort();
  const prefix = toInputPrefix(triggers[0]?.subscription ?? '');
  const limit = 2 * triggers.length + maxOthers;
  const range = { prefix: `${prefix}${names[0] ?? ''}`, end: `${prefix}${names.at(-1) ?? ''}~`, limit };
  const rows = await listRows(table, partitionKey, range);
  return rows.length < limit ? new Map(rows.map((row) => [String(row.rowKey), row])) : undefined;
}

/** What a trigger meets. */
interface Met {
  /** Where the ledger has the trigger: the event it was made for. */
  readonly firstEventId?: string;
  /** Rows of its snapshots that others have. */
  readonly taken?: ReadonlyMap<string, Row>;
}

/** The first row of a snapshot has its first trigger or the mark of its retraction; further triggers have rows behind it. */
function findInRange(trigger: Trigger, rows: ReadonlyMap<string, Row>): Met {
  const [snapshot = { name: '', revision: 0 }] = toSnapshots(trigger);
  const rowKey = toInputRowKey(trigger.subscription, snapshot);
  const base = rows.get(rowKey);
  const own = base?.['TriggerId'] === trigger.triggerId ? base : rows.get(rowKey + trigger.triggerId);
  if (own) return { firstEventId: String(own['EventId']) };
  return base ? { taken: new Map([[rowKey, base]]) } : {};
}

function toAdjusted(decision: Decision, { firstEventId, taken = new Map() }: Met = {}): Adjusted {
  const { verdict } = decision;
  if (firstEventId !== undefined)
    return { settled: { verdict: toSameVector(verdict, firstEventId) }, taken: new Map() };
  const isRetracted = [...taken.values()].some((row) => row['Retracted'] === true);
  if (isRetracted) return { settled: { verdict: toRetractedBefore(verdict) }, taken: new Map() };
  return { settled: decision, taken };
}
