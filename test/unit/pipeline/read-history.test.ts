import { describe, expect, it } from 'vitest';
import { createMemorySignalQueries } from '../../../shared/adapters/memory/signal-queries.js';
import type { Signal } from '../../../shared/contracts/signal.js';
import { readHistory } from '../../../shared/pipeline/registry/read-history.js';
import { sealedEvent, signal } from '../../fixtures/events.js';

const noonMs = Date.parse('2026-03-11T12:00:00.000Z');
const dayMs = 86_400_000;
const received = (eventId: string, atMs: number, stage = 'prod'): Signal => ({
  ...signal(sealedEvent({ eventId, outputPort: { stage } })),
  receivedAt: new Date(atMs).toISOString(),
});

async function read(signals: readonly Signal[], fromMs: number, beforeMs: number): Promise<string[]> {
  const queries = createMemorySignalQueries(new Map(signals.map((each) => [each.signalId, each])));
  const ids: string[] = [];
  for await (const { eventId } of readHistory({ stage: 'prod', fromMs, beforeMs }, queries)) ids.push(eventId);
  return ids;
}

describe('the history of a stage', () => {
  it('is read in the order received: from the first instant, up to and without the last, across days', async () => {
    const signals = [
      received('late', noonMs + 2 * dayMs - 1),
      received('before', noonMs - 1),
      received('dev', noonMs + 5, 'dev'),
      received('first', noonMs),
      received('end', noonMs + 2 * dayMs),
      received('middle', noonMs + dayMs),
    ];
    expect(await read(signals, noonMs, noonMs + 2 * dayMs)).toEqual(['first', 'middle', 'late']);
  });

  it('is whole when one span holds more than a page', async () => {
    const ids = Array.from({ length: 2_345 }, (_, index) => `e-${index}`);
    const signals = ids.map((id, index) => received(id, noonMs + index));
    expect(await read(signals.reverse(), noonMs, noonMs + dayMs)).toEqual(ids);
  });
});
