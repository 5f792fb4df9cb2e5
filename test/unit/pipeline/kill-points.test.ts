import { describe, expect, it } from 'vitest';
import type { HandOn } from '../../../shared/config/settings.js';
import { RetryableError } from '../../../shared/ports/errors.js';
import type { HubEvent } from '../../../shared/pipeline/hub-event.js';
import { origin, registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openMemoryWorld } from '../../support/memory-world.js';

const subscriptions = [subscription(), subscription({ key: 'sub.finance.revenue.second' })];
const eventIds = Array.from({ length: 5 }, (_, n) => `e-${n}`);

/** Five snapshots, each delivered twice, and one body that is no event. */
function hubEvents(): HubEvent[] {
  const bodies = eventIds.flatMap((eventId, n) => {
    const watermark = new Date(Date.UTC(2026, 2, 11, n)).toISOString();
    const body = Buffer.from(JSON.stringify(sealedEvent({ eventId, snapshot: { watermark } })));
    return [body, body];
  });
  return [...bodies, Buffer.from('{')].map((body, n) => ({ body, properties: {}, origin: origin(n) }));
}

type World = Awaited<ReturnType<typeof openMemoryWorld>>;

/** Ingest under a retry policy, then let queues and sweep run until nothing is left to do. */
async function playThrough(world: World): Promise<void> {
  const events = hubEvents();
  // The second batch follows one that is finished, so that it may be handed on directly.
  for (const batch of [events.slice(0, 1), events.slice(1)]) {
    for (let ingested = false; !ingested;) {
      ingested = await world.ingest(batch).then(
        () => true,
        () => false,
      );
    }
  }
  for (let round = 0; round < 8; round += 1) {
    await world.drain();
    world.advance(120_000);
    await world.sweep().catch(() => undefined);
  }
  await world.drain();
}

async function expectPromises(world: World): Promise<void> {
  const signals = await world.signals.listByPort({ stage: 'prod', port: 'op.sales.orders.daily', limit: 100 });
  expect(signals.map(({ eventId }) => eventId).sort()).toEqual(eventIds);
  expect((await world.quarantine.list({ limit: 10 })).map(({ reason }) => reason)).toEqual(['not-json']);
  const entries = await world.ledger.listByConsumer({ stage: 'prod', consumer: 'dp.finance.revenue', limit: 100 });
  expect(entries.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'sent'));
  const sent = new Set(world.topic.sent.map(({ triggerId }) => triggerId));
  expect([...sent].sort()).toEqual(entries.map(({ trigger }) => trigger.triggerId).sort());
}

/** Every port call of an undisturbed run, by its number. */
async function countCalls(handOn: HandOn): Promise<string[]> {
  const calls: string[] = [];
  const world = await openMemoryWorld(registryDocument(subscriptions), handOn);
  world.interfere((call, effect) => {
    calls.push(call);
    return effect();
  });
  await playThrough(world);
  return calls;
}

const callsOfBoth = [
  'quarantine.put',
  'queues.toNormalize',
  'signals.insert',
  'ledger.record',
  'topic.send',
  'ledger.markSent',
  'ledger.listUnsent',
  'ledger.listHeldSubscriptions',
];
const callsOf: Record<HandOn, readonly string[]> = {
  direct: callsOfBoth,
  queued: [...callsOfBoth, 'queues.toEvaluate', 'queues.toDispatch', 'ledger.claim'],
};

describe.each(['queued', 'direct'] as const)('the pipeline, handing on %s,', (handOn) => {
  it('keeps its promises when nothing goes wrong, and sends each trigger once', async () => {
    const world = await openMemoryWorld(registryDocument(subscriptions), handOn);

    await playThrough(world);

    await expectPromises(world);
    expect(world.topic.sent).toHaveLength(10);
  });

  it.each(['before', 'after'] as const)(
    'keeps its promises when any one port call fails %s taking effect',
    async (moment) => {
      const calls = await countCalls(handOn);
      expect(new Set(calls)).toEqual(new Set(callsOf[handOn]));
      for (let victim = 0; victim < calls.length; victim += 1) {
        const world = await openMemoryWorld(registryDocument(subscriptions), handOn);
        world.failCall(victim, moment);

        await playThrough(world);

        await expectPromises(world);
      }
    },
  );
});

describe('the pipeline', () => {
  it('repeats a send only with the same id, and only when a dispatcher died between send and mark', async () => {
    const world = await openMemoryWorld(registryDocument(subscriptions));
    let died = false;
    world.interfere(async (call, effect) => {
      if (call !== 'ledger.markSent' || died) return effect();
      died = true;
      throw new RetryableError('died before marking');
    });

    await playThrough(world);

    await expectPromises(world);
    expect(world.topic.sent).toHaveLength(20);
  });

  it('parks a message nobody can read and lets its neighbour through', async () => {
    const world = await openMemoryWorld(registryDocument(subscriptions));
    const [poisoned] = hubEvents();
    if (!poisoned) throw new Error('there are events');
    await world.ingest([poisoned]);
    const [waiting] = world.queues.waiting;

    const counts = await world.runs.normalize([waiting?.message, { kind: 'normalize', event: 'nonsense' }]);

    expect(counts).toEqual({ handled: 1, putBack: 0, parked: 1 });
    expect((await world.quarantine.list({ limit: 5 })).map(({ reason }) => reason)).toEqual(['invalid-stage-message']);
  });

  it('puts a batch back with a growing delay while the store is gone, and parks it in the end', async () => {
    const world = await openMemoryWorld(registryDocument(subscriptions));
    await world.ingest(hubEvents().slice(0, 1));
    world.interfere((call, effect) =>
      call === 'signals.insert' ? Promise.reject(new RetryableError('gone')) : effect(),
    );
    const delays: number[] = [];
    let message = world.queues.waiting.pop()?.message;
    for (let attempt = 0; attempt < 24 && message; attempt += 1) {
      await world.runs.normalize([message]);
      const back = world.queues.waiting.pop();
      message = back?.message;
      if (back?.atMs !== undefined) delays.push(back.atMs - Date.parse('2026-03-11T02:00:00.000Z'));
    }

    expect(delays.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(Math.max(...delays)).toBe(300_000);
    expect((await world.quarantine.list({ limit: 5 })).map(({ reason }) => reason)).toEqual(['retries-exhausted']);
  });
});
