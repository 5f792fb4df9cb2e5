import type { TableClient, TransactionAction } from '@azure/data-tables';
import { isSameOrigin } from '../../contracts/origin.js';
import type { Signal } from '../../contracts/signal.js';
import { RetryableError } from '../../ports/errors.js';
import type { StoreOutcome } from '../../ports/signal-store.js';
import { findRow, groupBy, insertIfAbsent, toTransactions, transact } from './requests.js';
import { readWhole, toDuplicateRow, toSignalActions, toSignalPartition, toSignalRowKey } from './signal-rows.js';

interface Unit {
  readonly signal: Signal;
  readonly index: number;
  readonly partitionKey: string;
  readonly actions: TransactionAction[];
}

/** Insert signals: one transaction per partition when nothing in the batch was seen before. */
export async function insertSignals(
  table: TableClient,
  signals: readonly Signal[],
  buckets: number,
): Promise<StoreOutcome[]> {
  const outcomes: StoreOutcome[] = new Array<StoreOutcome>(signals.length);
  const units = signals.map((signal, index) => ({
    signal,
    index,
    partitionKey: toSignalPartition(signal, buckets),
    actions: toSignalActions(signal, buckets),
  }));
  const partitions = groupBy(units, ({ partitionKey }) => partitionKey);
  await Promise.all([...partitions.values()].map((group) => insertPartition(table, group, outcomes)));
  return outcomes;
}

/** A transaction may name a row once, so a signal that occurs again in the call waits for a later round. */
async function insertPartition(table: TableClient, units: readonly Unit[], outcomes: StoreOutcome[]): Promise<void> {
  const seen = new Set<string>();
  const firsts = units.filter(({ signal }) => !seen.has(signal.signalId) && seen.add(signal.signalId));
  // No two of these transactions share a row.
  await Promise.all(toTransactions(firsts).map((group) => insertGroup(table, group, outcomes)));
  const rest = units.filter((unit) => !firsts.includes(unit));
  if (rest.length > 0) await insertPartition(table, rest, outcomes);
}

async function insertGroup(table: TableClient, units: readonly Unit[], outcomes: StoreOutcome[]): Promise<void> {
  const { applied } = await transact(
    table,
    units.flatMap((unit) => unit.actions),
  );
  if (applied) {
    for (const unit of units) outcomes[unit.index] = { kind: 'stored' };
  } else if (units.length > 1) {
    // No two units of a group share a row, so they may be settled side by side.
    await Promise.all(units.map((unit) => insertGroup(table, [unit], outcomes)));
  } else {
    for (const unit of units) outcomes[unit.index] = await explainConflict(table, unit);
  }
}

/** The insert met a row: tell a retry of ours, a duplicate and a conflict apart. */
async function explainConflict(table: TableClient, { signal, partitionKey }: Unit): Promise<StoreOutcome> {
  const row = await findRow(table, partitionKey, toSignalRowKey(signal.signalId));
  const first = row && (await readWhole(table, row));
  if (first === undefined)
    throw new RetryableError(`signal ${signal.signalId} was reported present but cannot be read`);
  if (first.contentHash !== signal.contentHash) return { kind: 'conflict', first };
  if (isSameOrigin(first.origin, signal.origin)) return { kind: 'redelivered', first };
  await insertIfAbsent(table, toDuplicateRow(signal, partitionKey));
  return { kind: 'duplicate', first };
}
