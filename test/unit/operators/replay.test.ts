import { describe, expect, it } from 'vitest';
import { advanceAll } from '../../../shared/pipeline/operators/advance-all.js';
import { advanceReplay } from '../../../shared/pipeline/operators/advance-replay.js';
import { cancelReplay, resumeReplay, startReplay } from '../../../shared/pipeline/operators/replays.js';
import { RetryableError } from '../../../shared/ports/errors.js';
import { registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openOperatorWorld } from '../../support/operator-world.js';

type World = Awaited<ReturnType<typeof openOperatorWorld>>;

const ada = { actor: 'ada', force: false };
const portSelection = { kind: 'port' as const, port: 'op.sales.orders.daily', stage: 'prod' };
const request = (name: string, more = {}) => ({
  name,
  selection: portSelection,
  reason: '',
  ratePerSecond: 2,
  dryRun: false,
  ...more,
});

/** A world in which nobody subscribed when ten snapshots came, and somebody does now. */
async function openWithHistory(): Promise<World> {
  const world = await openOperatorWorld(registryDocument([]));
  for (let n = 1; n <= 10; n += 1) {
    await world.publish(
      sealedEvent({ eventId: `e${n}`, snapshot: { watermark: `2026-03-${String(n).padStart(2, '0')}T00:00:00Z` } }),
    );
  }
  await world.apply(registryDocument([subscription()]));
  return world;
}

const eventIdsOf = (world: World): (string | undefined)[] => world.topic.sent.map(({ inputs }) => inputs[0]?.eventId);
const firstTen = Array.from({ length: 10 }, (_, n) => `e${n + 1}`);

describe('a replay', () => {
  it('fires what a subscription missed, oldest snapshot first, marked as a replay, no faster than its rate', async () => {
    const world = await openWithHistory();
    await startReplay(request('catch-up'), ada, world.deps);

    const job = await advanceReplay('catch-up', { isOver: () => false }, world.deps);
    await world.drain();

    expect(job).toMatchObject({ state: 'done', total: 10, counts: { done: 10, fired: 10, firedBefore: 0 } });
    expect(eventIdsOf(world)).toEqual(firstTen);
    expect(world.topic.sent[0]).toMatchObject({ cause: 'replay', replay: { name: 'catch-up' } });
    expect(world.waits.reduce((sum, ms) => sum + ms, 0)).toBe(5_000);
  });

  it('waits on an instance that knows of no registry yet, and goes on from there', async () => {
    const world = await openWithHistory();
    await startReplay(request('early'), ada, world.deps);
    const early = { ...world.deps, registry: { current: () => Promise.resolve(undefined) } };

    await expect(advanceReplay('early', { isOver: () => false }, early)).rejects.toBeInstanceOf(RetryableError);
    world.advance(60_000);
    const job = await advanceReplay('early', { isOver: () => false }, world.deps);

    expect(job).toMatchObject({ state: 'done', counts: { done: 10, fired: 10 } });
  });

  it('says in a dry run exactly what it then sends', async () => {
    const world = await openWithHistory();
    const planned = await startReplay(request('planned', { dryRun: true }), ada, world.deps);
    if (!planned.ok || planned.value.kind !== 'planned') throw new Error('it is a plan');
    expect(world.topic.sent).toEqual([]);
    expect(await world.deps.replayStore.get('planned')).toBeUndefined();

    await startReplay(request('planned'), ada, world.deps);
    await advanceReplay('planned', { isOver: () => false }, world.deps);
    await world.drain();

    const sent = world.topic.sent.map(({ triggerId }) => triggerId);
    expect(planned.value.plan.sends.map(({ triggerId }) => triggerId)).toEqual(sent);
  });

  it('that is cancelled stops, and resumed goes on where it stopped, sending nothing twice', async () => {
    const world = await openWithHistory();
    await startReplay(request('stopped'), ada, world.deps);
    let slices = 0;
    const deps = {
      ...world.deps,
      wait: async () => {
        slices += 1;
        if (slices === 2) await cancelReplay('stopped', { actor: 'ada' }, world.deps);
      },
    };

    const cancelled = await advanceReplay('stopped', { isOver: () => false }, deps);
    await world.drain();
    expect(cancelled).toMatchObject({ state: 'cancelled', counts: { done: 6 } });
    expect(eventIdsOf(world)).toEqual(firstTen.slice(0, 6));

    await resumeReplay('stopped', { actor: 'ada' }, world.deps);
    const job = await advanceReplay('stopped', { isOver: () => false }, world.deps);
    await world.drain();

    expect(job).toMatchObject({ state: 'done', counts: { done: 10, fired: 10 } });
    expect(eventIdsOf(world)).toEqual(firstTen);
  });

  it('that dies in the middle of a slice repeats the slice without a second effect', async () => {
    const world = await openWithHistory();
    await startReplay(request('died', { ratePerSecond: 5 }), ada, world.deps);
    let calls = 0;
    const queues = {
      ...world.deps.queues,
      toDispatch: (messages: Parameters<typeof world.deps.queues.toDispatch>[0]) => {
        calls += 1;
        return calls === 2 ? Promise.reject(new RetryableError('gone')) : world.deps.queues.toDispatch(messages);
      },
    };
    await expect(advanceReplay('died', { isOver: () => false }, { ...world.deps, queues })).rejects.toThrow('gone');

    world.advance(120_000); // the dead runner's lease
    const job = await advanceReplay('died', { isOver: () => false }, world.deps);
    await world.drain();

    expect(job).toMatchObject({ state: 'done', counts: { done: 10, fired: 10 } });
    expect(eventIdsOf(world).sort()).toEqual([...firstTen].sort());
  });

  it('belongs to one runner at a time', async () => {
    const world = await openWithHistory();
    await startReplay(request('shared'), ada, world.deps);

    const answers = await Promise.all([1, 2].map(() => advanceReplay('shared', { isOver: () => false }, world.deps)));
    await world.drain();

    expect(answers.map((job) => job?.state).sort()).toEqual(['done', 'running']);
    expect(eventIdsOf(world)).toEqual(firstTen);
  });

  it('left by its runner is taken up by the functions', async () => {
    const world = await openWithHistory();
    await startReplay(request('left'), ada, world.deps);
    let asked = 0;
    await advanceReplay('left', { isOver: () => ++asked > 2 }, world.deps);

    expect(await advanceAll(() => false, world.deps)).toEqual({ advanced: 1 });
    await world.drain();

    expect(eventIdsOf(world)).toEqual(firstTen);
  });

  it('with force fires again under new ids, which depend on its name alone', async () => {
    const world = await openOperatorWorld(registryDocument());
    await world.publish(sealedEvent());
    const [live] = world.topic.sent;
    const forced = request('rebuild', { selection: { kind: 'signal', eventId: 'orders-2026-03-10' }, reason: 'lost' });

    await startReplay(forced, { actor: 'ada', force: true }, world.deps);
    await advanceReplay('rebuild', { isOver: () => false }, world.deps);
    await world.drain();
    await startReplay({ ...forced, name: 'again' }, { actor: 'ada', force: true }, world.deps);
    await advanceReplay('again', { isOver: () => false }, world.deps);
    await world.drain();

    const ids = world.topic.sent.map(({ triggerId }) => triggerId);
    expect(new Set(ids).size).toBe(3);
    expect(world.topic.sent[1]).toMatchObject({ inputs: live?.inputs, replay: { name: 'rebuild', reason: 'lost' } });
  });

  it('with force leaves out who is not subscribed any more, and holds what is held now', async () => {
    const world = await openOperatorWorld(registryDocument());
    await world.publish(sealedEvent());
    const forced = { selection: { kind: 'signal', eventId: 'orders-2026-03-10' }, reason: 'lost' };
    const run = async (name: string): Promise<object | undefined> => {
      await startReplay(request(name, forced), { actor: 'ada', force: true }, world.deps);
      const job = await advanceReplay(name, { isOver: () => false }, world.deps);
      await world.drain();
      return job?.counts;
    };

    await world.apply(registryDocument([subscription({ throttle: { max: 1, perMinutes: 1 } })]));
    expect(await run('held')).toMatchObject({ fired: 1 });
    expect(world.topic.sent).toHaveLength(1);
    await world.sweep();
    await world.drain();
    expect(world.topic.sent).toHaveLength(2);
    await world.apply(registryDocument([]));
    expect(await run('gone')).toMatchObject({ fired: 0 });
    expect(world.topic.sent).toHaveLength(2);
  });

  it('has no part in a revocation: that has the cause of its retraction', async () => {
    const world = await openWithHistory();
    await startReplay(request('taken-back'), ada, world.deps);
    await advanceReplay('taken-back', { isOver: () => false }, world.deps);
    await world.drain();
    const snapshot = { watermark: '2026-03-01T00:00:00Z' };
    const back = {
      ...sealedEvent(),
      eventType: 'OutputPortSnapshotRetracted',
      eventId: 'back',
      reason: 'wrong',
      snapshot,
    };

    await world.publish(back as unknown as ReturnType<typeof sealedEvent>); // a retraction says less of its snapshot

    const revocation = world.topic.sent.at(-1);
    expect(revocation).toMatchObject({ kind: 'revocation', cause: 'live' });
    expect(revocation).not.toHaveProperty('replay');
  });

  it('that is cancelled while its last part is done is done, and does not begin anew', async () => {
    const world = await openWithHistory();
    await startReplay(request('late', { ratePerSecond: 50 }), ada, world.deps);
    const ledger = Object.create(world.deps.ledger) as typeof world.deps.ledger; // the same but for one method
    ledger.record = async (decisions) => {
      await cancelReplay('late', { actor: 'ada' }, world.deps);
      return world.deps.ledger.record(decisions);
    };

    const job = await advanceReplay('late', { isOver: () => false }, { ...world.deps, ledger });

    expect(job).toMatchObject({ state: 'done', counts: { done: 10, fired: 10 } });
    expect(await resumeReplay('late', { actor: 'ada' }, world.deps)).toMatchObject({ problem: { code: 'conflict' } });
  });

  it('refuses force without a reason, a name that is taken, and what the registry does not know', async () => {
    const world = await openOperatorWorld(registryDocument());
    const codeOf = async (more: object, force = false): Promise<string | undefined> => {
      const started = await startReplay(request('once', more), { actor: 'ada', force }, world.deps);
      return started.ok ? undefined : started.problem.code;
    };
    expect(await codeOf({}, true)).toBe('invalid-request');
    expect(await codeOf({ selection: { kind: 'subscription', subscription: 'sub.a.b.c' } })).toBe('not-found');
    expect(await codeOf({})).toBeUndefined();
    expect(await codeOf({})).toBe('conflict');
  });

  it('of quarantined events publishes what would get through now, and settles it', async () => {
    const world = await openOperatorWorld({ ...registryDocument(), ports: [], subscriptions: [] });
    await world.publish(sealedEvent());
    await world.apply(registryDocument());

    await startReplay(request('declared', { selection: { kind: 'quarantine' } }), ada, world.deps);
    const job = await advanceReplay('declared', { isOver: () => false }, world.deps);

    expect(job).toMatchObject({ state: 'done', counts: { resubmitted: 1 } });
    expect(world.published).toHaveLength(1);
    expect((await world.deps.quarantineDesk.list({ state: 'resubmitted' }, { limit: 5 })).items).toHaveLength(1);
  });
});
