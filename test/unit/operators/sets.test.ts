import { describe, expect, it } from 'vitest';
import { advanceReplay } from '../../../shared/pipeline/operators/advance-replay.js';
import { startReplay } from '../../../shared/pipeline/operators/replays.js';
import { pause } from '../../../shared/pipeline/operators/change-controls.js';
import { explain } from '../../../shared/pipeline/operators/explain.js';
import { querySets } from '../../../shared/pipeline/operators/query-sets.js';
import { releasePendingSet } from '../../../shared/pipeline/operators/release-set.js';
import { resume } from '../../../shared/pipeline/operators/change-controls.js';
import { clearPendingSet, showSet } from '../../../shared/pipeline/operators/settle-set.js';
import { sealedEvent } from '../../fixtures/events.js';
import { setRegistry, setSubscription } from '../../fixtures/sets.js';
import { openOperatorWorld } from '../../support/operator-world.js';

const joined = setSubscription({ a: {}, b: {} });
const path = { subscription: joined.key, set: '2026-03-10T00:00:00.000Z' };
const ada = { actor: 'ada', reason: 'b is not coming today', dryRun: false };

const openWorld = () => openOperatorWorld(setRegistry(['a', 'b'], [joined]));

const sealed = (name: string, eventId = `${name}-1`, revision = 0) =>
  sealedEvent({
    eventId,
    producer: { dataProduct: `dp.sales.${name}`, domain: 'sales' },
    outputPort: { key: `op.sales.${name}.daily`, version: '1.0.0', stage: 'prod' },
    snapshot: { watermark: '2026-03-10T00:00:00Z', schemaHash: 'sha256:00000000000000aa', revision },
  });

describe('a set that an operator releases', () => {
  it('goes with what is there, once, and the trigger says who let it go, why and without what', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));

    const released = await releasePendingSet(path, ada, world.deps);
    await world.drain();

    expect(released).toMatchObject({
      ok: true,
      value: { result: 'released', missing: ['b'], inputs: [{ eventId: 'a-1' }], trigger: { state: 'pending' } },
    });
    const [trigger, ...more] = world.topic.sent;
    expect(more).toEqual([]);
    expect(trigger).toMatchObject({
      set: path.set,
      inputs: [{ eventId: 'a-1' }],
      released: { by: 'ada', reason: ada.reason, missing: ['b'] },
    });
    expect(trigger?.evidence.gates.at(-1)).toMatchObject({ gate: 'set', answer: 'pass', code: 'set-released' });
    expect(trigger?.evidence.gates.length).toBeGreaterThan(5);
    expect((await world.deps.auditLog.list({ limit: 9 })).items).toMatchObject([
      { action: 'set.release', actor: 'ada', reason: ada.reason, details: { missing: ['b'] } },
    ]);

    const again = await releasePendingSet(path, ada, world.deps);
    await world.drain();
    expect(again).toMatchObject({ ok: false, problem: { code: 'conflict' } });
    expect(again.ok ? '' : again.problem.detail).toContain(trigger?.triggerId);
    expect(world.topic.sent).toHaveLength(1);
  });

  it('does not fire again when the missing input comes, and is corrected as it was released', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));
    await releasePendingSet(path, ada, world.deps);
    await world.drain();

    await world.publish(sealed('b'));
    expect(world.topic.sent).toHaveLength(1);

    await world.publish(sealed('a', 'a-corrected', 1));
    expect(world.topic.sent.map(({ inputs }) => inputs.map(({ eventId }) => eventId))).toEqual([
      ['a-1'],
      ['a-corrected'],
    ]);
    expect(world.topic.sent[1]).toMatchObject({ released: { by: 'ada', missing: ['b'] } });
  });

  it('is explained as released: for the trigger, for its input, and in the list of sets', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));
    await releasePendingSet(path, ada, world.deps);
    await world.drain();
    const triggerId = world.topic.sent[0]?.triggerId ?? '';

    const ofTrigger = await explain({ id: triggerId }, world.deps);
    if (!ofTrigger.ok) throw new Error('the trigger is there');
    expect(ofTrigger.value.summary).toContain('released at');
    expect(ofTrigger.value.summary).toContain('by ada without b: b is not coming today');
    const [event] = ofTrigger.value.events;
    const reasons = event?.subscriptions.map(({ outcome, reason }) => `${outcome}: ${reason}`).sort() ?? [];
    expect(reasons[0]).toMatch(/^matched: ada released the set at .* without b: b is not coming today/);
    expect(reasons[1]).toMatch(/^waiting: Waits for b\. ada released its set at /);
    expect(event?.path.map(({ step }) => step)).toEqual(expect.arrayContaining(['triggered', 'delivered']));

    const listed = await querySets({ subscription: joined.key, fired: true, limit: 9 }, world.deps);
    expect(listed).toMatchObject({ ok: true, value: { items: [{ triggerId, released: { by: 'ada' } }] } });
  });

  it('is repeated by a forced replay, still as released', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));
    await releasePendingSet(path, ada, world.deps);
    await world.drain();

    const selection = { kind: 'signal' as const, eventId: 'a-1' };
    const request = { name: 'rebuild', selection, reason: 'tables lost', ratePerSecond: 1, dryRun: false };
    await startReplay(request, { actor: 'ada', force: true }, world.deps);
    await advanceReplay('rebuild', { isOver: () => false }, world.deps);
    await world.drain();

    expect(world.topic.sent).toHaveLength(2);
    expect(world.topic.sent[1]).toMatchObject({ cause: 'replay', released: { by: 'ada', missing: ['b'] } });
    expect(world.topic.sent[1]?.triggerId).not.toBe(world.topic.sent[0]?.triggerId);
  });

  it('is held by a pause like any other trigger', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));
    const target = { kind: 'subscription' as const, subscription: joined.key };
    await pause({ target, reason: 'looking' }, { actor: 'ada' }, world.deps);
    world.advance(10);

    const released = await releasePendingSet(path, ada, world.deps);
    await world.drain();
    expect(released).toMatchObject({ ok: true, value: { trigger: { state: 'held', heldFor: [{ code: 'paused' }] } } });
    expect(world.topic.sent).toEqual([]);

    await resume({ target }, { actor: 'ada' }, world.deps);
    world.advance(10);
    await world.sweep();
    await world.drain();
    expect(world.topic.sent).toHaveLength(1);
  });

  it('goes out by the sweep when the queue could not be told', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));
    const gone = { toDispatch: () => Promise.reject(new Error('the bus is gone')) };

    await expect(releasePendingSet(path, ada, { ...world.deps, queues: gone })).rejects.toThrow('the bus is gone');
    world.advance(120_000);
    await world.sweep();
    await world.drain();

    expect(world.topic.sent).toHaveLength(1);
  });

  it('is only foretold by a dry run', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));

    const foretold = await releasePendingSet(path, { ...ada, dryRun: true }, world.deps);
    await world.drain();

    expect(foretold).toMatchObject({ ok: true, value: { result: 'would-release', missing: ['b'] } });
    expect(world.topic.sent).toEqual([]);
    expect((await world.deps.auditLog.list({ limit: 9 })).items).toEqual([]);
    const released = await releasePendingSet(path, ada, world.deps);
    expect(released.ok && released.value.trigger?.triggerId).toBe(foretold.ok && foretold.value.trigger?.triggerId);
  });

  it('is refused when nothing is there, nothing is known of it, or it is not as it was looked at', async () => {
    const world = await openWorld();
    const refusal = async (of: typeof path, more = {}): Promise<string> => {
      const outcome = await releasePendingSet(of, { ...ada, ...more }, world.deps);
      return outcome.ok ? 'done' : outcome.problem.code;
    };
    expect(await refusal(path)).toBe('not-found');
    expect(await refusal({ ...path, subscription: 'sub.no.such.one' })).toBe('not-found');
    await world.publish(sealed('a'));
    expect(await refusal(path, { etag: 'W/"other"' })).toBe('changed');
    await clearPendingSet(path, ada, world.deps);
    expect(await refusal(path)).toBe('conflict');
    expect(world.topic.sent).toEqual([]);
  });
});

describe('a set that an operator clears', () => {
  it('starts afresh: what came before does not count, and is explained so', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));

    const cleared = await clearPendingSet(path, ada, world.deps);
    expect(cleared).toMatchObject({ ok: true, value: { result: 'cleared', inputs: [{ eventId: 'a-1' }] } });
    await world.publish(sealed('b'));
    expect(world.topic.sent).toEqual([]);

    const explained = await explain({ id: 'a-1' }, world.deps);
    expect(explained.ok && explained.value.events[0]?.subscriptions[0]?.reason).toContain('ada cleared its set');
    expect(await showSet(path, world.deps)).toMatchObject({
      ok: true,
      value: { present: [{ input: 'b' }], missing: [{ input: 'a', owner: 'team-a' }], cleared: { by: 'ada' } },
    });

    await world.publish(sealed('a', 'a-sealed-anew'));
    expect(world.topic.sent.map(({ inputs }) => inputs.map(({ eventId }) => eventId).sort())).toEqual([
      ['a-sealed-anew', 'b-1'],
    ]);
  });

  it('keeps what fired: nothing fires anew, and a correction still does', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));
    await world.publish(sealed('b'));
    expect(world.topic.sent).toHaveLength(1);

    expect(await clearPendingSet(path, ada, world.deps)).toMatchObject({ ok: false, problem: { code: 'conflict' } });
    await world.publish(sealed('a', 'a-again'));
    await world.publish(sealed('b', 'b-again'));
    expect(world.topic.sent).toHaveLength(1);
    await world.publish(sealed('b', 'b-corrected', 1));
    expect(world.topic.sent).toHaveLength(2);
  });

  it('is only foretold by a dry run, and refused when an input came since it was looked at', async () => {
    const world = await openWorld();
    await world.publish(sealed('a'));
    const seen = await showSet(path, world.deps);
    if (!seen.ok) throw new Error('a is there');

    expect(await clearPendingSet(path, { ...ada, dryRun: true }, world.deps)).toMatchObject({
      ok: true,
      value: { result: 'would-clear' },
    });
    await world.publish(sealed('b'));
    expect(world.topic.sent).toHaveLength(1);
    const late = await clearPendingSet(path, { ...ada, etag: seen.value.etag }, world.deps);
    expect(late).toMatchObject({ ok: false, problem: { code: 'changed' } });
  });
});
