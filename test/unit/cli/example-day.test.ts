import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRegistry } from '../../../cli/registry/registry-files.js';
import { type DayStep, loadDay } from '../../../cli/start/day-file.js';
import { playDay, type PlayedStep } from '../../../cli/start/play-day.js';
import { createMemoryLedger } from '../../../shared/adapters/memory/ledger.js';
import { createMemoryPortStates } from '../../../shared/adapters/memory/port-states.js';
import { createMemoryQuarantineStore } from '../../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../../shared/adapters/memory/registry-store.js';
import { createMemorySignalStore } from '../../../shared/adapters/memory/signal-store.js';
import { createMemoryStageQueues, createMemoryTriggerTopic } from '../../../shared/adapters/memory/stage-queues.js';
import type { OutgoingEvent, Publisher } from '../../../shared/adapters/event-hubs/publisher.js';
import { dispatch } from '../../../shared/pipeline/dispatch.js';
import { evaluate } from '../../../shared/pipeline/evaluate.js';
import { ingest } from '../../../shared/pipeline/ingest.js';
import { normalize } from '../../../shared/pipeline/normalize.js';
import { noPauses } from '../../../shared/pipeline/pause-source.js';
import { createRegistrySource } from '../../../shared/pipeline/registry-source.js';

const root = join(import.meta.dirname, '../../..');
const nowMs = Date.UTC(2026, 2, 12, 9, 30);
const stages = ['dev', 'test', 'prod'];

/** The whole pipeline in memory: an event that is published has its end state when `publish` resolves. */
async function createPipeline() {
  const { document } = await loadRegistry(join(root, 'examples/registry'));
  const registryStore = createMemoryRegistryStore();
  await registryStore.publish({
    version: '000001-0123456789ab',
    document,
    expected: undefined,
    appliedAt: new Date(nowMs).toISOString(),
    appliedBy: 'test',
  });
  const clock = { nowMs: () => nowMs };
  const [signals, ledger, quarantine] = [
    createMemorySignalStore(),
    createMemoryLedger(),
    createMemoryQuarantineStore(),
  ];
  const [queues, topic] = [createMemoryStageQueues(), createMemoryTriggerTopic()];
  const registry = createRegistrySource(registryStore, clock, 1_000);
  const portStates = createMemoryPortStates();
  const pauses = noPauses;
  const deps = {
    signals,
    ledger,
    portStates,
    pauses,
    quarantine,
    queues,
    topic,
    registry,
    stages,
    clock,
    leaseMs: 60_000,
  };
  let sequenceNumber = 0;

  async function publishOne({ body, properties = {} }: OutgoingEvent): Promise<void> {
    sequenceNumber += 1;
    const enqueuedAt = new Date(nowMs).toISOString();
    const position = { partition: '0', sequenceNumber: String(sequenceNumber), offset: String(sequenceNumber) };
    await ingest([{ body, properties, origin: { hub: 'readiness-events', ...position, enqueuedAt } }], deps);
    for (let next = queues.waiting.shift(); next !== undefined; next = queues.waiting.shift()) {
      const { message } = next;
      if (message.kind === 'normalize') await normalize([message], deps);
      else if (message.kind === 'evaluate') await evaluate([message], deps);
      else await dispatch([message], deps);
    }
  }

  const publisher: Publisher = {
    publish: async (events) => {
      for (const event of events) await publishOne(event);
    },
    close: () => Promise.resolve(),
  };
  const observe = { signals, ledger, quarantine, stages, document };
  const play = (steps: readonly DayStep[]): Promise<PlayedStep[]> =>
    playDay(steps, {
      publisher,
      observe,
      onStep: () => undefined,
      signal: new AbortController().signal,
      stepTimeoutMs: 0,
    });
  return { play, topic };
}

const mismatchesOf = (played: readonly PlayedStep[]): string[] =>
  played.flatMap(({ step, mismatches }) => mismatches.map((text) => `${step.at} ${step.note}: ${text}`));

describe('the example day', () => {
  it('has a registry without errors or warnings', async () => {
    const loaded = await loadRegistry(join(root, 'examples/registry'));
    expect(loaded.problems).toEqual([]);
    expect(loaded.document.products).toHaveLength(5);
  });

  it('goes as it says: every event ends where it is expected', async () => {
    const { play } = await createPipeline();
    const steps = await loadDay(join(root, 'examples/day.yaml'), nowMs);
    const played = await play(steps);
    expect(mismatchesOf(played)).toEqual([]);
    expect(played).toHaveLength(steps.length);
    expect(steps.length).toBeGreaterThanOrEqual(14);
  });

  it('played again brings only duplicates and no further trigger', async () => {
    const { play, topic } = await createPipeline();
    const steps = await loadDay(join(root, 'examples/day.yaml'), nowMs);
    const first = await play(steps);
    const sent = topic.sent.length;
    const second = await play(steps);
    expect(mismatchesOf(second)).toEqual([]);
    expect(topic.sent).toHaveLength(sent);
    expect(new Set(second.map(({ end }) => end?.outcome))).toEqual(new Set(['duplicate', 'quarantined']));
    expect(first.map(({ end }) => end?.outcome)).toContain('signal');
  });

  it('reports a difference when the world goes another way', async () => {
    const { play } = await createPipeline();
    const [first] = await loadDay(join(root, 'examples/day.yaml'), nowMs);
    if (!first || first.expect.outcome !== 'signal') throw new Error('the day starts with a seal');
    const [played] = await play([{ ...first, expect: { ...first.expect, triggers: [] } }]);
    expect(played?.mismatches).toContain('sub.finance.revenue.orders: matched, not no verdict');
  });
});
