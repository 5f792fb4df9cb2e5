import type { Signal } from '../../contracts/signal.js';
import type { SignalHistory } from '../../ports/signal-history.js';

/** History of given signals, equal to the one on Table Storage by contract suite. */
export function createMemorySignalHistory(signals: readonly Signal[]): SignalHistory {
  return {
    async *read({ stage, fromMs, beforeMs }) {
      const inRange = signals.filter(({ stage: own, receivedAt }) => {
        const atMs = Date.parse(receivedAt);
        return own === stage && atMs >= fromMs && atMs < beforeMs;
      });
      yield* inRange.sort(
        (a, b) => Date.parse(a.receivedAt) - Date.parse(b.receivedAt) || (a.signalId < b.signalId ? -1 : 1),
      );
    },
  };
}
