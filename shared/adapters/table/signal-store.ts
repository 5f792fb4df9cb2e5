import type { TransactionAction } from '@azure/data-tables';
import type { Signal } from '../../contracts/signal.js';
import { toEventIdHash } from '../../domain/identity.js';
import { RetryableError } from '../../ports/errors.js';
import type { SignalStore, StoreOutcome } from '../../ports/signal-store.js';
import { toStagePartitions } from './keys.js';
import { findRow, groupBy, insertIfAbsent, listRows, toTransactions, transact } from './requests.js';
import {
  fromDuplicateRow,
  fromSignalRow,
  toDuplicatePrefix,
  toDuplicateRow,
  toSignalActions,
  toSignalPartition,
  toSignalRowKey,
} from './signal-rows.js';
import type { Tables } from './tables.js';

interface Unit {
  readonly signal: Signal;
  readonly index: number;
  readonly actions: TransactionAction[];
}

/** Signals in Table Storage; a batch costs one transaction per partition when nothing in it was seen before. */
export function createTableSignalStore(
  { signals: table }: Tables,
  { buckets, stages }: { buckets: number; stages: readonly string[] },
): SignalStore {
  const partitionOf = (signal: Pick<Signal, 'stage' | 'producerDp'>): string => toSignalPartition(signal, buckets);

  async function insertGroup(units: readonly Unit[], outcomes: StoreOutcome[]): Promise<void> {
    const { applied } = await transact(
      table,
      units.flatMap((unit) => unit.actions),
    );
    if (applied) {
      for (const unit of units) outcomes[unit.index] = { kind: 'stored' };
    } else if (units.length > 1) {
      for (const unit of units) await insertGroup([unit], outcomes);
    } else {
      for (const unit of units) outcomes[unit.index] = await explainConflict(unit.signal);
    }
  }

  /** The insert met a row: tell a retry of ours, a duplicate and a conflict apart. */
  async function explainConflict(signal: Signal): Promise<StoreOutcome> {
    const partitionKey = partitionOf(signal);
    const row = await findRow(table, partitionKey, toSignalRowKey(signal.signalId));
    if (row === undefined)
      throw new RetryableError(`signal ${signal.signalId} was reported present but cannot be read`);
    const first = fromSignalRow(row);
    if (first.contentHash !== signal.contentHash) return { kind: 'conflict', first };
    if (isSamePosition(first, signal)) return { kind: 'redelivered' };
    await insertIfAbsent(table, toDuplicateRow(signal, partitionKey));
    return { kind: 'duplicate', first };
  }

  async function insertPartition(units: readonly Unit[], outcomes: StoreOutcome[]): Promise<void> {
    // A transaction may name a row once, so a signal that occurs again in the call waits for a later round.
    const seen = new Set<string>();
    const firsts = units.filter(({ signal }) => !seen.has(signal.signalId) && seen.add(signal.signalId));
    for (const group of toTransactions(firsts)) await insertGroup(group, outcomes);
    const rest = units.filter((unit) => !firsts.includes(unit));
    if (rest.length > 0) await insertPartition(rest, outcomes);
  }

  return {
    async insert(signals) {
      const outcomes: StoreOutcome[] = new Array<StoreOutcome>(signals.length);
      const units = signals.map((signal, index) => ({ signal, index, actions: toSignalActions(signal, buckets) }));
      const partitions = groupBy(units, ({ signal }) => partitionOf(signal));
      await Promise.all([...partitions.values()].map((group) => insertPartition(group, outcomes)));
      return outcomes;
    },

    async get(key) {
      const row = await findRow(table, partitionOf(key), toSignalRowKey(key.signalId));
      return row && fromSignalRow(row);
    },

    async findByEventId(eventId) {
      const partitions = stages.flatMap((stage) => toStagePartitions(stage, buckets));
      const prefix = toSignalRowKey(toEventIdHash(eventId));
      const rows = await Promise.all(partitions.map((partition) => listRows(table, partition, { prefix })));
      return rows.flat().map(fromSignalRow);
    },

    async listByPort({ stage, port, limit }) {
      // A port's signals come from its owner, whose key starts like the port's.
      const [, domain = '', product = ''] = port.split('.');
      const partition = partitionOf({ stage, producerDp: `dp.${domain}.${product}` });
      const index = await listRows(table, partition, { prefix: `port!${port}!`, limit });
      const rows = await Promise.all(
        index.map((row) => findRow(table, partition, toSignalRowKey(String(row['SignalId'])))),
      );
      return rows.filter((row) => row !== undefined).map(fromSignalRow);
    },

    async listDuplicates(signal) {
      const rows = await listRows(table, partitionOf(signal), { prefix: toDuplicatePrefix(signal.signalId) });
      return rows.map(fromDuplicateRow);
    },
  };
}

function isSamePosition({ origin: a }: Signal, { origin: b }: Signal): boolean {
  return a.hub === b.hub && a.partition === b.partition && a.sequenceNumber === b.sequenceNumber;
}
