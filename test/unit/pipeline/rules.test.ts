import { describe, expect, it } from 'vitest';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import type { HubEvent } from '../../../shared/pipeline/hub-event.js';
import { origin } from '../../fixtures/events.js';
import { retractionOf, sealOf, setRegistry, setSubscription } from '../../fixtures/sets.js';
import { openMemoryWorld } from '../../support/memory-world.js';

const minute = 60_000;
const plain = (name: string, key: string, overrides = {}) => {
  const { inputs: _inputs, align: _align, ...entry } = setSubscription({});
  return { ...entry, key, port: `op.sales.${name}.daily`, versions: '^1', ...overrides };
};

/** Ports a, b and c, where c has a circuit breaker; a joined, a plain, a throttled and a guarded subscription. */
function registry(): RegistryDocument {
  const document = setRegistry(
    ['a', 'b', 'c'],
    [
      setSubscription({ a: {}, b: {} }),
      plain('a', 'sub.finance.revenue.plain'),
      plain('b', 'sub.finance.revenue.throttled', { throttle: { max: 1, perMinutes: 60 } }),
      plain('c', 'sub.finance.revenue.guarded'),
    ],
  );
  const circuitBreaker = { failures: 2, coolDownMinutes: 30, closeAfter: 1 };
  return {
    ...document,
    ports: document.ports.map((port) => (port.key === 'op.sales.c.daily' ? { ...port, circuitBreaker } : port)),
  };
}

const day = (n: number) => ({ watermark: `2026-03-${n}T00:00:00Z` });
const toEvents = (...signals: { eventJson: string }[]): HubEvent[] =>
  signals.map(({ eventJson }) => ({ body: Buffer.from(eventJson), properties: {}, origin: origin(hash(eventJson)) }));
const hash = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_003, 7);

function retraction(name: string): { eventJson: string } {
  const { eventJson } = retractionOf(name, day(10));
  const { snapshot, ...event } = JSON.parse(eventJson) as { snapshot: { watermark: string } }; // our own fixture
  const { watermark } = snapshot;
  return {
    eventJson: JSON.stringify({
      ...event,
      eventType: 'OutputPortSnapshotRetracted',
      snapshot: { watermark },
      reason: 'wrong',
    }),
  };
}

function failing(n: number): { eventJson: string } {
  const { eventJson } = sealOf('c', day(n));
  return { eventJson: eventJson.replace('"status":"passed"', '"status":"failed"') };
}

/** What happens, in rounds; between rounds a quarter of an hour passes. */
const rounds = [
  toEvents(sealOf('a', day(10)), sealOf('b', day(10))),
  toEvents(sealOf('b', day(11)), failing(10)),
  toEvents(retraction('a'), failing(11)),
  toEvents(sealOf('c', day(12))),
  toEvents(sealOf('a', { ...day(10), revision: 1 })),
  toEvents(sealOf('c', day(13))),
];

type World = Awaited<ReturnType<typeof openMemoryWorld>>;

async function playThrough(world: World): Promise<void> {
  for (const events of rounds) {
    for (let done = false; !done;) {
      done = await world.ingest(events).then(
        () => true,
        () => false,
      );
    }
    for (let part = 0; part < 15; part += 1) {
      await world.drain();
      world.advance(minute);
    }
    await world.sweep().catch(() => undefined);
  }
  for (let round = 0; round < 8; round += 1) {
    await world.drain();
    world.advance(15 * minute);
    await world.sweep().catch(() => undefined);
  }
  await world.drain();
}

/** Every message once, by what it says. */
function messagesOf(world: World): string[] {
  const unique = new Map(world.topic.sent.map((trigger) => [trigger.triggerId, trigger]));
  return [...unique.values()]
    .map(({ kind, subscription, inputs }) => {
      const what = inputs.map(({ outputPort, snapshot }) => {
        const [, , port = ''] = outputPort.key.split('.');
        return `${port}${snapshot.watermark.slice(8, 10)}r${snapshot.revision}`;
      });
      return `${kind} ${subscription.split('.').at(-1)} ${what.sort().join('+')}`;
    })
    .sort();
}

const expected = [
  'revocation joined a10r0+b10r0',
  'revocation plain a10r0',
  'trigger guarded c12r0',
  'trigger guarded c13r0',
  'trigger joined a10r0+b10r0',
  'trigger joined a10r1+b10r0',
  'trigger plain a10r0',
  'trigger plain a10r1',
  'trigger throttled b10r0',
  'trigger throttled b11r0',
];

describe('the rules, through the whole pipeline', () => {
  it('fire, hold, revoke and release as they say', async () => {
    const world = await openMemoryWorld(registry());

    await playThrough(world);

    expect(messagesOf(world)).toEqual(expected);
    expect(world.topic.sent).toHaveLength(expected.length);
    const held = world.topic.sent.find(({ inputs }) => inputs[0]?.snapshot.watermark === day(12).watermark);
    expect(held?.heldFor?.map(({ code }) => code)).toEqual(['circuit-breaker']);
  });

  it.each(['before', 'after'] as const)('do so when any one port call fails %s taking effect', async (moment) => {
    const calls: string[] = [];
    const counted = await openMemoryWorld(registry());
    counted.interfere((call, effect) => {
      calls.push(call);
      return effect();
    });
    await playThrough(counted);
    expect(calls).toEqual(
      expect.arrayContaining(['ledger.join', 'ledger.retract', 'ledger.regulate', 'portStates.advance']),
    );
    for (let victim = 0; victim < calls.length; victim += 1) {
      const world = await openMemoryWorld(registry());
      world.failCall(victim, moment);

      await playThrough(world);

      expect(messagesOf(world), `call ${victim}, ${calls[victim]}`).toEqual(expected);
    }
  });
});
