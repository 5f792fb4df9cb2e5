import type { Signal } from '../../contracts/signal.js';
import { isRetraction } from '../../domain/retraction.js';
import { toSnapshotTimeMs } from '../../domain/watermark.js';
import type { SignalFilter, SignalQueries } from '../../ports/signal-queries.js';
import { toMemoryPage, toNewestFirstText, toOldestFirstText } from './page.js';

type WatermarkQuery = Parameters<SignalQueries['listByWatermark']>[0];

/** Queries over the signals that a store in memory holds. */
export function createMemorySignalQueries(signals: ReadonlyMap<string, Signal>): SignalQueries {
  const all = (): Signal[] => [...signals.values()];
  const newestFirst = ({ receivedAt, signalId }: Signal): string =>
    `${toNewestFirstText(Date.parse(receivedAt))}!${signalId}`;
  const byWatermark = (query: WatermarkQuery): Signal[] => all().filter((signal) => isMarked(signal, query));

  return {
    list: (filter, page) =>
      Promise.resolve(
        toMemoryPage(
          all().filter((signal) => isWanted(signal, filter)),
          newestFirst,
          page,
        ),
      ),
    listByWatermark: (query, page) =>
      Promise.resolve(
        toMemoryPage(
          byWatermark(query),
          (signal) => `${toOldestFirstText(toSnapshotTimeMs(signal))}!${signal.signalId}`,
          page,
        ),
      ),
    listRetractions({ stage, port, atMs, limit }) {
      const own = byWatermark({ stage, port, fromMs: atMs, toMs: atMs });
      const retractions = own.filter(isRetraction);
      return Promise.resolve(retractions.slice(0, limit));
    },
    countByWatermark: (query) => Promise.resolve(byWatermark(query).length),
    listArrivals({ stage, port, limit }) {
      const own = all().filter(
        (signal) =>
          signal.stage === stage && signal.outputPortKey === port && signal.eventType === 'OutputPortSnapshotSealed',
      );
      const { items } = toMemoryPage(own, newestFirst, { limit });
      return Promise.resolve(
        items.map((signal) => ({
          snapshotTimeMs: toSnapshotTimeMs(signal),
          receivedAtMs: Date.parse(signal.receivedAt),
        })),
      );
    },
  };
}

function isWanted(signal: Signal, { stages, by, fromMs, beforeMs, quality }: SignalFilter): boolean {
  const receivedAtMs = Date.parse(signal.receivedAt);
  if (!stages.includes(signal.stage) || !isKeyed(signal, by)) return false;
  if (fromMs !== undefined && receivedAtMs < fromMs) return false;
  if (beforeMs !== undefined && receivedAtMs >= beforeMs) return false;
  return quality === undefined || signal.qualityStatus === quality;
}

function isKeyed(signal: Signal, by: SignalFilter['by']): boolean {
  switch (by.kind) {
    case 'event':
      return signal.eventId === by.eventId;
    case 'correlation':
      return signal.correlationId === by.correlationId;
    case 'port':
      return signal.outputPortKey === by.port;
    case 'producer':
      return signal.producerDp === by.producerDp;
    case 'time':
      return true;
    default:
      return by satisfies never;
  }
}

function isMarked(signal: Signal, { stage, port, fromMs, toMs }: WatermarkQuery): boolean {
  const atMs = toSnapshotTimeMs(signal);
  if (signal.stage !== stage || signal.outputPortKey !== port) return false;
  return (fromMs === undefined || atMs >= fromMs) && (toMs === undefined || atMs <= toMs);
}
