import { describe, expect, it } from 'vitest';
import { pause } from '../../../shared/pipeline/operators/change-controls.js';
import { advanceReplay } from '../../../shared/pipeline/operators/advance-replay.js';
import { startReplay } from '../../../shared/pipeline/operators/replays.js';
import { simulate } from '../../../shared/pipeline/operators/simulate.js';
import type { ReplayPlan } from '../../../shared/contracts/api/operations.js';
import type { SubscriptionEntry } from '../../../shared/contracts/subscription.js';
import { registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { setRegistry, setSubscription } from '../../fixtures/sets.js';
import { openOperatorWorld } from '../../support/operator-world.js';

type World = Awaited<ReturnType<typeof openOperatorWorld>>;

const seal = sealedEvent({ eventId: 'sealed' });
const retraction = {
  eventType: 'OutputPortSnapshotRetracted' as const,
  eventId: 'retracted',
  occurredAt: '2026-03-11T02:10:00Z',
  producer: seal.producer,
  outputPort: seal.outputPort,
  snapshot: { watermark: seal.snapshot.watermark },
  reason: 'counted twice',
};
const bytes = (event: unknown) => ({ body: Buffer.from(JSON.stringify(event)), properties: {} });
const entry = subscription();

const kindsOf = ({ topic }: World): string[] => topic.sent.map(({ kind, subscription: key }) => `${kind} ${key}`);

describe('a simulated retraction', () => {
  it('says whose triggers it would take back, as the real one then does, and has no effect', async () => {
    const world = await openOperatorWorld(registryDocument([entry]));
    await world.publish(seal);
    const triggerId = world.topic.sent[0]?.triggerId ?? '';

    const foreseen = await simulate(bytes(retraction), world.deps);
    await world.drain();

    expect(foreseen).toMatchObject({
      outcome: 'signal',
      verdicts: [
        {
          subscription: entry.key,
          consumer: entry.consumer,
          outcome: 'retracted',
          effect: 'revokes',
          revokes: [triggerId],
        },
      ],
    });
    expect(kindsOf(world)).toEqual([`trigger ${entry.key}`]);
    await world.publish(retraction);
    expect(world.topic.sent[1]).toMatchObject({
      kind: 'revocation',
      triggerId: foreseen.verdicts[0]?.triggerId,
      revokes: [triggerId],
    });
  });

  it('says what would never leave, and nothing new of a snapshot that was retracted before', async () => {
    const world = await openOperatorWorld(registryDocument([entry]));
    const target = { kind: 'subscription' as const, subscription: entry.key };
    await pause({ target, reason: 'looking' }, { actor: 'ada' }, world.deps);
    world.advance(10);
    await world.publish(seal);

    const foreseen = await simulate(bytes(retraction), world.deps);
    expect(foreseen.verdicts).toMatchObject([{ effect: 'withdraws', withdraws: [expect.any(String)] }]);
    expect(foreseen.verdicts[0]).not.toHaveProperty('triggerId');

    await world.publish(retraction);
    const again = await simulate(bytes({ ...retraction, eventId: 'retracted-again' }), world.deps);
    expect(again.verdicts).toMatchObject([{ outcome: 'retracted', effect: 'none' }]);
  });

  it('concerns the subscriptions of its stage only', async () => {
    const dev = { ...entry, key: 'sub.finance.revenue.dev', stage: 'dev' };
    const world = await openOperatorWorld(registryDocument([entry, dev]));
    await world.publish(seal);

    const { verdicts } = await simulate(bytes(retraction), world.deps);

    expect(verdicts.map(({ subscription: key }) => key)).toEqual([entry.key]);
  });

  it('is what a later simulated seal of the snapshot takes into account', async () => {
    const world = await openOperatorWorld(registryDocument([entry]));
    await world.publish(retraction);

    const { verdicts } = await simulate(bytes(seal), world.deps);

    expect(verdicts).toMatchObject([{ outcome: 'not-matched', effect: 'none' }]);
    expect(verdicts[0]?.gates.at(-1)).toMatchObject({ gate: 'retraction', code: 'snapshot-retracted' });
  });
});

const portSelection = { kind: 'port' as const, port: seal.outputPort.key, stage: 'prod' };
const ada = { actor: 'ada', force: false };

async function plan(world: World, name: string): Promise<ReplayPlan> {
  const request = { name, selection: portSelection, reason: '', ratePerSecond: 1, dryRun: true };
  const started = await startReplay(request, ada, world.deps);
  if (!started.ok || started.value.kind !== 'planned') throw new Error('it is a plan');
  return started.value.plan;
}

async function replay(world: World, name: string, selection: object = portSelection) {
  const request = { name, selection: selection as typeof portSelection, reason: '', ratePerSecond: 1, dryRun: false };
  await startReplay(request, ada, world.deps);
  const job = await advanceReplay(name, { isOver: () => false }, world.deps);
  await world.drain();
  return job;
}

describe('a replay over a retraction', () => {
  it('sends nothing new for subscriptions that knew it, however often', async () => {
    const world = await openOperatorWorld(registryDocument([entry]));
    await world.publish(seal);
    await world.publish(retraction);
    const before = kindsOf(world);
    expect(before).toEqual([`trigger ${entry.key}`, `revocation ${entry.key}`]);

    expect(await plan(world, 'twice')).toMatchObject({ total: 2, sends: [], revokes: [], retracted: 1 });
    for (const name of ['once', 'twice']) {
      const job = await replay(world, name);
      expect(job).toMatchObject({ state: 'done', counts: { done: 2, fired: 0, revoked: 0 } });
      expect(job?.counts.retracted).toBeGreaterThan(0);
    }
    expect(kindsOf(world)).toEqual(before);
  });

  it.each([
    ['one', entry],
    ['several inputs', setSubscription({ a: {} }, { key: entry.key })],
  ] as [string, SubscriptionEntry][])(
    'does not fire a retracted snapshot for a subscription with %s that came later',
    async (_, late) => {
      const sets = late.inputs !== undefined;
      const document = (own: SubscriptionEntry[]) => (sets ? setRegistry(['a'], own) : registryDocument(own));
      const about = sets
        ? {
            producer: { dataProduct: 'dp.sales.a', domain: 'sales' },
            outputPort: { key: 'op.sales.a.daily', version: '1.0.0', stage: 'prod' },
          }
        : {};
      const hash = sets ? { schemaHash: 'sha256:00000000000000aa' } : {};
      const world = await openOperatorWorld(document([]));
      const first = { ...seal, ...about, snapshot: { ...seal.snapshot, ...hash } };
      await world.publish(first);
      await world.publish({ ...first, eventId: 'z-also-sealed' });
      await world.publish({ ...retraction, ...about });
      await world.apply(document([late]));
      const selection = { ...portSelection, port: first.outputPort.key };

      const request = { name: 'x', selection, reason: '', ratePerSecond: 1, dryRun: true };
      const planned = await startReplay(request, ada, world.deps);
      expect(planned).toMatchObject({ ok: true, value: { plan: { sends: [], revokes: [], retracted: 1 } } });
      const job = await replay(world, 'late', selection);

      expect(job).toMatchObject({ state: 'done', counts: { done: 3, fired: 0 } });
      expect(world.topic.sent).toEqual([]);
    },
  );

  it('by the seal alone does not fire it either', async () => {
    const world = await openOperatorWorld(registryDocument([]));
    await world.publish(seal);
    await world.publish(retraction);
    await world.apply(registryDocument([entry]));

    const job = await replay(world, 'one', { kind: 'signal', eventId: seal.eventId });

    expect(job).toMatchObject({ state: 'done', counts: { done: 1, fired: 0 } });
    expect(world.topic.sent).toEqual([]);
  });

  it('with force does not bring back what was taken back', async () => {
    const world = await openOperatorWorld(registryDocument([entry]));
    await world.publish(seal);
    await world.publish(retraction);
    const request = { name: 'forced', selection: portSelection, reason: 'lost', ratePerSecond: 1 };
    const force = { actor: 'ada', force: true };

    const planned = await startReplay({ ...request, dryRun: true }, force, world.deps);
    expect(planned).toMatchObject({ ok: true, value: { plan: { sends: [] } } });
    await startReplay({ ...request, dryRun: false }, force, world.deps);
    await advanceReplay('forced', { isOver: () => false }, world.deps);
    await world.drain();

    expect(kindsOf(world)).toEqual([`trigger ${entry.key}`, `revocation ${entry.key}`]);
  });
});
