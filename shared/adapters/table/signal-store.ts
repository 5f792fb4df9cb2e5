import type { Signal } from '../../contracts/signal.js';
import { toEventIdHash } from '../../domain/identity.js';
import type { SignalStore } from '../../ports/signal-store.js';
import { toStagePartitions } from './keys.js';
import { findRow, listRows } from './requests.js';
import { insertSignals } from './signal-insert.js';
import {
  fromDuplicateRow,
  readAll,
  readWhole,
  toDuplicatePrefix,
  toPortPrefix,
  toSignalPartition,
  toSignalRowKey,
} from './signal-rows.js';
import type { Tables } from './tables.js';

/** Signals in Table Storage; a batch costs one transaction per partition when nothing in it was seen before. */
export function createTableSignalStore(
  { signals: table }: Tables,
  { buckets, stages }: { buckets: number; stages: readonly string[] },
): SignalStore {
  const partitionOf = (signal: Pick<Signal, 'stage' | 'producerDp'>): string => toSignalPartition(signal, buckets);

  return {
    insert: (signals) => insertSignals(table, signals, buckets),

    async get(key) {
      const row = await findRow(table, partitionOf(key), toSignalRowKey(key.signalId));
      return row && readWhole(table, row);
    },

    async findByEventId(eventId) {
      const partitions = stages.flatMap((stage) => toStagePartitions(stage, buckets));
      const prefix = toSignalRowKey(toEventIdHash(eventId));
      const rows = await Promise.all(partitions.map((partition) => listRows(table, partition, { prefix })));
      return readAll(table, rows.flat());
    },

    async listByPort({ stage, port, limit }) {
      // A port's signals lie with whoever published them: its owner, or a producer entitled to.
      const found = await Promise.all(
        toStagePartitions(stage, buckets).map((partition) =>
          listRows(table, partition, { prefix: toPortPrefix(port), limit }),
        ),
      );
      // The part after the port is the time, newest first, then the signal id.
      const index = found.flat().sort((a, b) => (String(a.rowKey) < String(b.rowKey) ? -1 : 1));
      return readAll(table, index.slice(0, limit));
    },

    async listDuplicates(signal) {
      const rows = await listRows(table, partitionOf(signal), { prefix: toDuplicatePrefix(signal.signalId) });
      return rows.map(fromDuplicateRow);
    },
  };
}
