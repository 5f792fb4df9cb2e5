import type { Signal } from '../../contracts/signal.js';
import type { SignalHistory } from '../../ports/signal-history.js';
import { toNewestFirst, toStagePartitions } from './keys.js';
import { findRow, listRows } from './requests.js';
import { fromSignalRow, toSignalRowKey } from './signal-rows.js';
import type { Tables } from './tables.js';

/** Time read in one go: enough to make few queries, little enough to hold in memory. */
const stepMs = 6 * 3_600_000;
/** Behind every signal id, so that the bound takes in the whole millisecond. */
const last = '~';

/** Signals in the order received, from the time index of every bucket. */
export function createTableSignalHistory({ signals: table }: Tables, { buckets }: { buckets: number }): SignalHistory {
  async function readStep(stage: string, fromMs: number, beforeMs: number): Promise<Signal[]> {
    const prefix = `time!${toNewestFirst(beforeMs - 1)}`;
    const range = { prefix, end: `time!${toNewestFirst(fromMs)}!${last}` };
    const perBucket = await Promise.all(
      toStagePartitions(stage, buckets).map(async (partition) => {
        const index = await listRows(table, partition, range);
        const rows = await Promise.all(
          index.map((row) => findRow(table, partition, toSignalRowKey(String(row['SignalId'])))),
        );
        return rows.filter((row) => row !== undefined).map(fromSignalRow);
      }),
    );
    return perBucket.flat().sort(byReceipt);
  }

  return {
    async *read({ stage, fromMs, beforeMs }) {
      for (let at = fromMs; at < beforeMs; at += stepMs)
        yield* await readStep(stage, at, Math.min(at + stepMs, beforeMs));
    },
  };
}

function byReceipt(a: Signal, b: Signal): number {
  return Date.parse(a.receivedAt) - Date.parse(b.receivedAt) || (a.signalId < b.signalId ? -1 : 1);
}
