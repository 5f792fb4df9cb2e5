import { describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../../shared/adapters/memory/ledger.js';
import { createMemoryPortStates } from '../../../shared/adapters/memory/port-states.js';
import { createMemoryQuarantineStore } from '../../../shared/adapters/memory/quarantine-store.js';
import { createMemorySignalQueries } from '../../../shared/adapters/memory/signal-queries.js';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import { backtest } from '../../../shared/pipeline/registry/backtest.js';
import { origin, registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openMemoryWorld } from '../../support/memory-world.js';

const hourMs = 3_600_000;
const startMs = Date.parse('2026-03-11T02:00:00.000Z');
const port = 'op.sales.orders.daily';

/** One snapshot an hour for ten hours, lived through under a registry. */
async function live(document: RegistryDocument) {
  const world = await openMemoryWorld(document);
  for (let hour = 0; hour < 10; hour += 1) {
    const watermark = new Date(startMs + (hour - 1) * hourMs).toISOString();
    const event = sealedEvent({ eventId: `e-${hour}`, snapshot: { watermark } });
    const enqueuedAt = new Date(startMs + hour * hourMs).toISOString();
    const body = Buffer.from(JSON.stringify(event));
    await world.ingest([{ body, properties: {}, origin: { ...origin(hour), enqueuedAt } }]);
    await world.drain();
    world.advance(hourMs);
  }
  return world;
}

async function tryOut(world: Awaited<ReturnType<typeof live>>, proposed: RegistryDocument, fromMs = startMs) {
  const signals = await world.signals.listByPort({ stage: 'prod', port, limit: 100 });
  const byId = new Map(signals.map((each) => [each.signalId, each]));
  const sentBefore = world.topic.sent.length;
  const twin = {
    ledger: createMemoryLedger(),
    portStates: createMemoryPortStates(),
    quarantine: createMemoryQuarantineStore(),
  };
  const report = await backtest(
    { proposed, inForce: registryDocument(), stage: 'prod', fromMs, toMs: startMs + 24 * hourMs },
    { signalQueries: createMemorySignalQueries(byId), ledger: world.ledger, twin },
  );
  expect(world.topic.sent).toHaveLength(sentBefore);
  return report;
}

describe('trying a registry on stored signals', () => {
  it('finds no difference for the registry that was in force, and has no effect', async () => {
    const world = await live(registryDocument());
    const report = await tryOut(world, registryDocument());
    expect(report).toMatchObject({ signals: 10, triggersThen: 10, triggersNow: 10, gained: [], lost: [], delayed: [] });
  });

  it('names triggers that would be gained, with consumer and snapshots', async () => {
    const world = await live(registryDocument());
    const key = 'sub.finance.revenue.more';
    const report = await tryOut(world, registryDocument([subscription(), subscription({ key })]));
    expect(report).toMatchObject({ triggersThen: 10, triggersNow: 20, lost: [], delayed: [] });
    expect(report.gained).toHaveLength(10);
    expect(report.gained[0]).toMatchObject({
      subscription: key,
      consumer: 'dp.finance.revenue',
      snapshots: ['op.sales.orders.daily@2.1.0 2026-03-11T01:00:00.000Z'],
      at: '2026-03-11T02:00:00.000Z',
    });
  });

  it('says why triggers would be lost', async () => {
    const world = await live(registryDocument());
    const narrowed = await tryOut(world, registryDocument([subscription({ versions: '^3' })]));
    expect(narrowed.lost).toHaveLength(10);
    expect(narrowed.lost[0]?.reason).toBe('Version 2.1.0 is outside ^3.');
    const gone = await tryOut(world, registryDocument([]));
    expect(gone.lost.map(({ reason }) => reason)).toContain('The subscription is gone.');
    expect(gone.triggersNow).toBe(0);
  });

  it('finds triggers that a throttle or a window would delay', async () => {
    const world = await live(registryDocument());
    const throttled = await tryOut(world, registryDocument([subscription({ throttle: { max: 1, perMinutes: 90 } })]));
    expect(throttled).toMatchObject({ gained: [], lost: [], triggersNow: 10 });
    expect(throttled.delayed[0]).toMatchObject({ at: '2026-03-11T03:00:00.000Z', byMinutes: 30 });
    const windows = [{ days: ['wed' as const], from: '05:00', to: '23:00', timeZone: 'UTC', closedOn: [] }];
    const windowed = await tryOut(world, registryDocument([subscription({ windows })]));
    expect(windowed.delayed.map(({ wouldLeaveAt }) => wouldLeaveAt.slice(11, 16))).toEqual(['05:00', '05:00', '05:00']);
  });

  it('tells which triggers would be absorbed', async () => {
    const world = await live(registryDocument());
    const coalesce = { mode: 'latest' as const, quietMinutes: 90, maxWaitMinutes: 600 };
    const report = await tryOut(world, registryDocument([subscription({ coalesce })]));
    expect(report.triggersNow).toBeLessThan(10);
    expect(report.lost.every(({ reason }) => reason.startsWith('It would be absorbed into'))).toBe(true);
  });

  it('looks at the asked span only', async () => {
    const world = await live(registryDocument());
    const report = await tryOut(world, registryDocument([]), startMs + 5 * hourMs);
    expect(report).toMatchObject({ signals: 5, triggersThen: 5 });
    expect(report.lost).toHaveLength(5);
  });
});
