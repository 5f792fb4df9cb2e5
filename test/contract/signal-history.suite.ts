import { describe, expect, it } from 'vitest';
import type { Signal } from '../../shared/contracts/signal.js';
import type { SignalHistory } from '../../shared/ports/signal-history.js';
import { sealedEvent, signal } from '../fixtures/events.js';

const noonMs = Date.parse('2026-03-11T12:00:00.000Z');
const received = (id: string, atMs: number, stage = 'prod'): Signal => ({
  ...signal(sealedEvent({ eventId: id, outputPort: { stage } })),
  receivedAt: new Date(atMs).toISOString(),
});

/** What every signal history promises. `open` gives one over these signals. */
export function signalHistorySuite(name: string, open: (signals: readonly Signal[]) => Promise<SignalHistory>): void {
  describe(`signal history: ${name}`, () => {
    it('reads a stage in the order received: from the first instant, up to and without the last, across days', async () => {
      const day = 86_400_000;
      const history = await open([
        received('late', noonMs + 2 * day - 1),
        received('before', noonMs - 1),
        received('dev', noonMs + 5, 'dev'),
        received('first', noonMs),
        received('end', noonMs + 2 * day),
        received('middle', noonMs + day),
      ]);
      const ids: string[] = [];
      for await (const each of history.read({ stage: 'prod', fromMs: noonMs, beforeMs: noonMs + 2 * day })) {
        ids.push(each.eventId);
      }
      expect(ids).toEqual(['first', 'middle', 'late']);
    });
  });
}
