import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { Trigger } from '../../contracts/trigger.js';
import { toSnapshots } from '../../domain/trigger.js';
import { type LedgerEntry, mayHaveLeft, type Retracted } from '../../ports/ledger.js';
import { findEntry } from './ledger-entry.js';
import {
  toHeldRow,
  toHeldRowKey,
  toInputRowKey,
  toOwnUnsentRowKey,
  toRefusedRowKey,
  toTriggerRowKey,
} from './ledger-rows.js';
import { findRow, listRows, raced, type Row, transact, untilApplied } from './requests.js';

interface Snapshot {
  readonly subscription: string;
  readonly name: string;
  readonly revision: number;
}

/** Mark a snapshot retracted, then take its triggers back: from the mark on, none can be added. */
export async function retractSnapshot(
  table: TableClient,
  partitionKey: string,
  snapshot: Snapshot,
): Promise<Retracted> {
  const rows = await mark(table, partitionKey, snapshot);
  const taken = await Promise.all(toTriggerIds(rows).map((id) => withdraw(table, partitionKey, id)));
  await Promise.all(taken.flatMap((entry) => (entry === undefined ? [] : [letGoAbsorbed(table, partitionKey, entry)])));
  return toRetracted(table, partitionKey, taken);
}

/** What a retraction would meet now; reads only. */
export async function findRetractable(
  table: TableClient,
  partitionKey: string,
  snapshot: Snapshot,
): Promise<Retracted & { marked: boolean }> {
  const rows = await listRows(table, partitionKey, { prefix: toInputRowKey(snapshot.subscription, snapshot) });
  const found = await Promise.all(toTriggerIds(rows).map((id) => findEntry(table, partitionKey, id)));
  const taken = found.map((entry) => entry && asWithdrawn(entry));
  return { ...(await toRetracted(table, partitionKey, taken)), marked: rows.some((row) => row['Retracted'] === true) };
}

function toTriggerIds(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => (typeof row['TriggerId'] === 'string' ? [row['TriggerId']] : [])))];
}

function asWithdrawn(entry: LedgerEntry): LedgerEntry {
  return hasLeft(entry) ? entry : { ...entry, state: 'withdrawn' };
}

async function toRetracted(
  table: TableClient,
  partitionKey: string,
  taken: readonly (LedgerEntry | undefined)[],
): Promise<Retracted> {
  const met = taken.filter((entry) => entry !== undefined);
  const sent = await Promise.all(met.filter(mayHaveLeft).map((entry) => toCarrier(table, partitionKey, entry)));
  return {
    withdrawn: met.filter(({ state }) => state === 'withdrawn').map(({ trigger }) => trigger),
    sent: sent.filter((trigger) => trigger !== undefined),
  };
}

/** The rows of the snapshot as of the moment its mark was there. */
async function mark(table: TableClient, partitionKey: string, snapshot: Snapshot): Promise<Row[]> {
  const rowKey = toInputRowKey(snapshot.subscription, snapshot);
  return untilApplied(`the triggers of snapshot ${snapshot.name}`, async () => {
    const rows = await listRows(table, partitionKey, { prefix: rowKey });
    const base = rows.find((row) => row.rowKey === rowKey);
    if (base?.['Retracted'] === true) return rows;
    const marked = { partitionKey, rowKey, Retracted: true };
    const action: TransactionAction = base ? ['update', marked, 'Merge', { etag: base.etag }] : ['create', marked];
    return (await transact(table, [action])).applied ? rows : raced;
  });
}

/** Make sure a trigger that has not left never will; the entry as it is then. */
async function withdraw(table: TableClient, partitionKey: string, triggerId: string): Promise<LedgerEntry | undefined> {
  return untilApplied(`trigger ${triggerId}`, async () => {
    const entry = await findEntry(table, partitionKey, triggerId);
    if (entry === undefined) return undefined;
    if (hasLeft(entry)) return entry;
    const index = toIndexRowKey(entry);
    const state: TransactionAction = [
      'update',
      { partitionKey, rowKey: toTriggerRowKey(triggerId), State: 'withdrawn' },
      'Merge',
      { etag: entry.etag },
    ];
    const gone: TransactionAction[] = index === undefined ? [] : [['delete', { partitionKey, rowKey: index }]];
    const answer = await transact(table, [state, ...gone]);
    return answer.applied ? { ...entry, state: 'withdrawn' } : raced;
  });
}

/**
 * What stood behind a trigger that never left waits again by itself. Later ones come first: one that is withdrawn in
 * turn lets go what stood behind it.
 */
async function letGoAbsorbed(table: TableClient, partitionKey: string, entry: LedgerEntry): Promise<void> {
  const { trigger, state } = entry;
  if (state !== 'withdrawn' || mayHaveLeft(entry)) return;
  for (const { triggerId } of [...(trigger.absorbed ?? [])].reverse()) await letGo(table, partitionKey, triggerId);
}

/** Touching the rows of its snapshots by etag keeps a retraction of one of them from coming in between. */
async function letGo(table: TableClient, partitionKey: string, triggerId: string): Promise<void> {
  return untilApplied(`trigger ${triggerId}`, async () => {
    const entry = await findEntry(table, partitionKey, triggerId);
    if (entry?.state !== 'absorbed') return undefined;
    const into = await findEntry(table, partitionKey, entry.absorbedInto ?? '');
    if (into?.state !== 'withdrawn' || mayHaveLeft(into)) return undefined;
    const keys = toSnapshots(entry.trigger).map((snapshot) => toInputRowKey(entry.trigger.subscription, snapshot));
    const found = await Promise.all(keys.map((key) => findRow(table, partitionKey, key)));
    const inputs = found.filter((each) => each !== undefined);
    const isRetracted = inputs.some((input) => input['Retracted'] === true);
    const State = isRetracted ? 'withdrawn' : 'held';
    const change = { partitionKey, rowKey: toTriggerRowKey(triggerId), State, AbsorbedInto: '' };
    const touched = inputs.map(({ rowKey = '', etag }): TransactionAction => {
      return ['update', { partitionKey, rowKey, Shared: true }, 'Merge', { etag }];
    });
    const held: TransactionAction[] = [['create', toHeldRow(entry.trigger, partitionKey)], ...touched];
    const answer = await transact(table, [
      ['update', change, 'Merge', { etag: entry.etag }],
      ...(isRetracted ? [] : held),
    ]);
    return answer.applied ? undefined : raced;
  });
}

/** Whether nothing of it is to be taken back any more. */
function hasLeft({ state }: LedgerEntry): boolean {
  return state === 'sent' || state === 'absorbed' || state === 'withdrawn';
}

/** The index row that a trigger has for itself. */
function toIndexRowKey(entry: LedgerEntry): string | undefined {
  const { trigger, state } = entry;
  switch (state) {
    case 'held':
      return toHeldRowKey(trigger);
    case 'pending':
    case 'dispatching':
      return toOwnUnsentRowKey(entry);
    case 'refused':
      return toRefusedRowKey(trigger);
    case 'sent':
    case 'absorbed':
    case 'withdrawn':
      return undefined;
    default:
      return state satisfies never;
  }
}

/** The trigger that told the consumer: itself, or the one that stands for it, if that one left. */
async function toCarrier(table: TableClient, partitionKey: string, entry: LedgerEntry): Promise<Trigger | undefined> {
  let current: LedgerEntry | undefined = entry;
  while (current?.state === 'absorbed') {
    current = await findEntry(table, partitionKey, current.absorbedInto ?? '');
  }
  return current && mayHaveLeft(current) ? current.trigger : undefined;
}
