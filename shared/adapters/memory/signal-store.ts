import { isSameOrigin, type Origin } from '../../contracts/origin.js';
import type { Signal } from '../../contracts/signal.js';
import type { SignalStore, StoreOutcome } from '../../ports/signal-store.js';

/** A signal store in memory, equal to the one on Table Storage by contract suite. */
export function createMemorySignalStore(signals = new Map<string, Signal>()): SignalStore {
  const duplicates = new Map<string, Map<string, Origin>>();
  const keyOf = (key: Pick<Signal, 'stage' | 'producerDp' | 'signalId'>): string =>
    JSON.stringify([key.stage, key.producerDp, key.signalId]);

  function insertOne(signal: Signal): StoreOutcome {
    const key = keyOf(signal);
    const first = signals.get(key);
    if (first === undefined) {
      signals.set(key, structuredClone(signal));
      return { kind: 'stored' };
    }
    if (first.contentHash !== signal.contentHash) return { kind: 'conflict', first };
    const position = toPosition(signal.origin);
    if (isSameOrigin(first.origin, signal.origin)) return { kind: 'redelivered', first };
    const recorded = duplicates.get(key) ?? new Map<string, Origin>();
    duplicates.set(key, recorded.set(position, recorded.get(position) ?? signal.origin));
    return { kind: 'duplicate', first };
  }

  return {
    insert: (batch) => Promise.resolve(batch.map(insertOne)),
    get: (key) => Promise.resolve(signals.get(keyOf(key))),
    findByEventId: (eventId) => Promise.resolve([...signals.values()].filter((signal) => signal.eventId === eventId)),
    listByPort({ stage, port, limit }) {
      const own = [...signals.values()].filter((signal) => signal.stage === stage && signal.outputPortKey === port);
      own.sort((a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt) || (a.signalId < b.signalId ? -1 : 1));
      return Promise.resolve(own.slice(0, limit));
    },
    listDuplicates(signal) {
      const recorded = [...(duplicates.get(keyOf(signal)) ?? new Map<string, Origin>())];
      return Promise.resolve(recorded.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, origin]) => origin));
    },
  };
}

function toPosition({ hub, partition, sequenceNumber, enqueuedAt }: Origin): string {
  return `${hub} ${partition}-${sequenceNumber.padStart(20, '0')}-${enqueuedAt}`;
}
