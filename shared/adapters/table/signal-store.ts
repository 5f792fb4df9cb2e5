import type { Signal } from '../../contracts/signal.js';
import { toEventIdHash } from '../../domain/identity.js';
import type { SignalStore } from '../../ports/signal-store.js';
import { toStagePartitions } from './keys.js';
import { findRow, listRows } from './requests.js';
import { insertSignals } from './signal-insert.js';
import {
  fromDuplicateRow,
  fromSignalRow,
  toDuplicatePrefix,
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
      return row && fromSignalRow(row);
    },

    async findByEventId(eventId) {
      const partitions = stages.flatMap((stage) => toStagePartitions(stage, buckets));
      const prefix = toSignalRowKey(toEventIdHash(eventId));
      const rows = await Promise.all(partitions.map((partition) => listRows(table, partition, { prefix })));
      return rows.flat().map(fromSignalRow);
    },

    async listByPort({ stage, port, limit }) {
      // A port's signals lie with whoever published them: its owner, or a producer entitled to.
      const found = await Promise.all(
        toStagePartitions(stage, buckets).map((partition) =>
          listRows(table, partition, { prefix: `port!${port}!`, limit }),
        ),
      );
      // The part after the port is the time, newest first, then the signal id.
      const index = found.flat().sort((a, b) => (String(a.rowKey) < String(b.rowKey) ? -1 : 1));
      const rows = await Promise.all(
        index
          .slice(0, limit)
          .map((row) => findRow(table, String(row.partitionKey), toSignalRowKey(String(row['SignalId'])))),
      );
      return rows.filter((row) => row !== undefined).map(fromSignalRow);
    },

    async listDuplicates(signal) {
      const rows = await listRows(table, partitionOf(signal), { prefix: toDuplicatePrefix(signal.signalId) });
      return rows.map(fromDuplicateRow);
    },
  };
}
