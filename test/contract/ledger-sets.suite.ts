import { beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../shared/contracts/signal.js';
import type { SubscriptionEntry } from '../../shared/contracts/subscription.js';
import { compileRegistry, wishesFor } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import { toSnapshotName } from '../../shared/domain/identity.js';
import type { SetArrival } from '../../shared/domain/input-set/arrival.js';
import { toSetRetractions } from '../../shared/domain/retraction.js';
import { clearSet, findReleasable, releaseSet } from '../../shared/domain/input-set/settle.js';
import type { Ledger, SetChange } from '../../shared/ports/ledger.js';
import type { LedgerQueries, StoredSet } from '../../shared/ports/ledger-queries.js';
import { arrivalsOf } from '../fixtures/decisions.js';
import { retractionOf, sealOf, setRegistry, setSubscription } from '../fixtures/sets.js';

const nowMs = Date.parse('2026-03-11T02:00:05.000Z');
const watermark = '2026-03-10T00:00:00Z';
const joined = setSubscription({ a: {}, b: {} });

function arrivals(seal: Signal, subscription: SubscriptionEntry = joined): SetArrival[] {
  const registry = compileRegistry('000001-a', setRegistry(['a', 'b'], [subscription]));
  return arrivalsOf(decide(seal, { registry, nowMs }));
}

/** A ledger with the queries that read it. */
export interface OpenedLedger {
  readonly ledger: Ledger;
  readonly queries: LedgerQueries;
}

/** What every ledger promises about sets of inputs. `open` gives an empty one. */
export function ledgerSetsSuite(name: string, open: () => Promise<OpenedLedger>): void {
  describe(`sets in the ledger: ${name}`, () => {
    let ledger: Ledger;
    let queries: LedgerQueries;
    const [a, b] = [sealOf('a', { watermark }), sealOf('b', { watermark })];
    beforeEach(async () => {
      ({ ledger, queries } = await open());
    });

    it('keep what came until the rest is there, then hold one pending trigger', async () => {
      expect(await ledger.join(arrivals(a))).toMatchObject([{ kind: 'recorded', verdict: { outcome: 'waiting' } }]);

      const [outcome] = await ledger.join(arrivals(b));

      expect(outcome).toMatchObject({ verdict: { outcome: 'matched' }, entry: { state: 'pending' } });
      expect(await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 1, limit: 10 })).toMatchObject([
        { trigger: { inputs: [{ eventId: a.eventId }, { eventId: b.eventId }], set: '2026-03-10T00:00:00.000Z' } },
      ]);
    });

    it('complete within one call', async () => {
      const outcomes = await ledger.join([...arrivals(a), ...arrivals(b)]);

      expect(outcomes.map(({ verdict }) => verdict.outcome)).toEqual(['waiting', 'matched']);
    });

    it('fire once when the last two inputs come at the same instant', async () => {
      const both = await Promise.all([ledger.join(arrivals(a)), ledger.join(arrivals(b))]);

      const outcomes = both.flat().map(({ verdict }) => verdict.outcome);
      expect(outcomes.sort()).toEqual(['matched', 'waiting']);
      expect(await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 1, limit: 10 })).toHaveLength(1);
    });

    it('let the first stored verdict stand, and give its trigger again', async () => {
      await ledger.join(arrivals(a));
      await ledger.join(arrivals(b));

      expect(await ledger.join([...arrivals(b), ...arrivals(a)])).toMatchObject([
        { kind: 'stands', verdict: { outcome: 'matched' }, entry: { state: 'pending' } },
        { kind: 'stands', verdict: { outcome: 'waiting' } },
      ]);
    });

    it('keep a verdict for each set a lagging input counts for', async () => {
      const lagging = setSubscription({ a: { maxLagPeriods: 2 }, b: {} });

      const outcomes = await ledger.join(arrivals(a, lagging));

      expect(outcomes.map(({ verdict }) => verdict.set)).toEqual([
        '2026-03-10T00:00:00.000Z',
        '2026-03-11T00:00:00.000Z',
        '2026-03-12T00:00:00.000Z',
      ]);
      expect(await ledger.listVerdicts({ stages: ['prod'], signalId: a.signalId })).toHaveLength(3);
      const next = sealOf('b', { watermark: '2026-03-12T00:00:00Z' });
      expect(await ledger.join(arrivals(next, lagging))).toMatchObject([{ verdict: { outcome: 'matched' } }]);
    });

    it('forget a retracted snapshot and refuse it from then on', async () => {
      await ledger.join(arrivals(a));
      await takeBack();

      expect(await ledger.join(arrivals(b))).toMatchObject([{ verdict: { outcome: 'waiting' } }]);
      const again = sealOf('a', { watermark }, { eventId: 'again' });
      expect(await ledger.join(arrivals(again))).toMatchObject([{ verdict: { outcome: 'not-matched' } }]);
      const corrected = sealOf('a', { watermark, revision: 1 });
      expect(await ledger.join(arrivals(corrected))).toMatchObject([{ verdict: { outcome: 'matched' } }]);
    });

    it('find every trigger of a snapshot, also of a corrected set', async () => {
      await ledger.join([...arrivals(a), ...arrivals(b)]);
      const corrected = sealOf('b', { watermark, revision: 1 });
      await ledger.join(arrivals(corrected));

      const { withdrawn, sent } = await ledger.retract(refOf(a));

      expect(withdrawn.map(({ inputs }) => inputs.map(({ eventId }) => eventId).sort())).toHaveLength(2);
      expect(sent).toEqual([]);
    });

    it('say what a retraction would meet, and leave no mark', async () => {
      await ledger.join([...arrivals(a), ...arrivals(b)]);

      const foreseen = await queries.findRetractable(refOf(a));
      expect(foreseen).toMatchObject({ marked: false, sent: [], withdrawn: [{ set: '2026-03-10T00:00:00.000Z' }] });
      expect(await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 1, limit: 10 })).toHaveLength(1);

      const { withdrawn, sent } = await ledger.retract(refOf(a));
      expect({ withdrawn, sent }).toEqual({ withdrawn: foreseen.withdrawn, sent: foreseen.sent });
      expect(await queries.findRetractable(refOf(a))).toEqual({ marked: true, withdrawn, sent });
      expect(await queries.findRetractable({ ...refOf(a), revision: 7 })).toEqual({
        marked: false,
        withdrawn: [],
        sent: [],
      });
    });

    it('say of a trigger under lease that it may have left', async () => {
      const outcomes = await ledger.join([...arrivals(a), ...arrivals(b)]);
      const [triggerId] = outcomes.flatMap((outcome) =>
        'entry' in outcome ? (outcome.entry?.trigger.triggerId ?? []) : [],
      );
      await ledger.claim([{ triggerId: triggerId ?? '' }], { nowMs, leaseMs: 60_000 });

      const foreseen = await queries.findRetractable(refOf(a));

      expect(foreseen.sent.map((trigger) => trigger.triggerId)).toEqual([triggerId]);
      const { withdrawn, sent } = await ledger.retract(refOf(a));
      expect({ withdrawn, sent }).toEqual({ withdrawn: foreseen.withdrawn, sent: foreseen.sent });
    });

    describe('that an operator settles', () => {
      const place = { stage: 'prod', subscription: joined.key, set: '2026-03-10T00:00:00.000Z' };
      const word = { at: '2026-03-11T03:00:00.000Z', by: 'ada', reason: 'b is not coming' };

      async function look(): Promise<StoredSet> {
        const stored = await queries.getSet(place);
        if (!stored) throw new Error('something came in');
        return stored;
      }

      async function toRelease({ state, etag }: StoredSet): Promise<SetChange> {
        const registry = compileRegistry('000001-a', setRegistry(['a', 'b'], [joined]));
        const subscription = registry.subscriptions.get(joined.key);
        const releasable = subscription && findReleasable(state, place.set, subscription);
        const [verdict] = await ledger.listVerdicts({ stages: ['prod'], signalId: a.signalId });
        if (!releasable || !verdict) throw new Error('a is there');
        const released = { ...word, missing: [...releasable.missing] };
        const { set: to, decision } = releaseSet(
          state,
          { signal: a, verdict, released, vector: releasable.vector },
          { subscription, holdContext: { registry, portStates: new Map(), nowMs } },
        );
        return { ...place, etag, to, decision };
      }

      it('go with what is there: verdict, trigger and set at once, and only once', async () => {
        await ledger.join(arrivals(a));
        const change = await toRelease(await look());

        const stored = await ledger.changeSet(change);

        expect(stored).toMatchObject({ kind: 'stored', entry: { state: 'pending', trigger: { released: word } } });
        expect(await look()).toMatchObject({
          state: { fired: { triggerId: change.decision?.trigger?.triggerId, released: { missing: ['b'] } } },
        });
        const verdicts = await ledger.listVerdicts({ stages: ['prod'], signalId: a.signalId });
        expect(verdicts.map(({ outcome }) => outcome).sort()).toEqual(['matched', 'waiting']);
        const listed = await queries.listVerdicts({ stages: ['prod'], subscription: joined.key }, { limit: 10 });
        expect(listed.items).toHaveLength(2);
        expect(await ledger.changeSet(change)).toEqual({ kind: 'changed' });
        const again = await toRelease({ ...(await look()), state: { ...change.to } });
        expect(await ledger.changeSet(again)).toMatchObject({ kind: 'fired-before' });
        expect(await ledger.listUnsent({ stage: 'prod', beforeMs: Date.parse(word.at) + 1, limit: 10 })).toHaveLength(
          1,
        );
      });

      it('lose no input that comes at the same moment, and fire it once', async () => {
        await ledger.join(arrivals(a));
        const change = await toRelease(await look());

        const [settled, [joinedIn]] = await Promise.all([ledger.changeSet(change), ledger.join(arrivals(b))]);

        const unsent = await ledger.listUnsent({ stage: 'prod', beforeMs: Date.parse(word.at) + 1, limit: 10 });
        expect(unsent).toHaveLength(1);
        const released = settled.kind === 'stored';
        expect(joinedIn?.verdict.outcome).toBe(released ? 'absorbed' : 'matched');
        expect(unsent[0]?.trigger.inputs).toHaveLength(released ? 1 : 2);
        expect((await look()).state.members).toHaveLength(2);
      });

      it('stay as they are when somebody was faster', async () => {
        await ledger.join(arrivals(a));
        const seen = await look();
        await ledger.join(arrivals(b));

        const { set: to } = clearSet(seen.state, word);
        expect(await ledger.changeSet({ ...place, etag: seen.etag, to })).toEqual({ kind: 'changed' });
        expect(await ledger.changeSet(await toRelease(seen))).toEqual({ kind: 'changed' });
        expect((await look()).state.members).toHaveLength(2);
      });

      it('start afresh once cleared: a redelivered input stays away, one sealed anew counts', async () => {
        await ledger.join(arrivals(a));
        const { state, etag } = await look();
        const cleared = await ledger.changeSet({ ...place, etag, to: clearSet(state, word).set });
        expect(cleared).toMatchObject({ kind: 'stored' });

        expect(await ledger.join(arrivals(a))).toMatchObject([{ kind: 'stands' }]);
        expect(await ledger.join(arrivals(b))).toMatchObject([{ verdict: { outcome: 'waiting' } }]);
        const anew = sealOf('a', { watermark }, { eventId: 'anew' });
        expect(await ledger.join(arrivals(anew))).toMatchObject([{ verdict: { outcome: 'matched' } }]);
        expect(await look()).toMatchObject({ state: { cleared: word } });
      });

      it('do not go with a snapshot that was retracted since', async () => {
        await ledger.join(arrivals(a));
        const change = await toRelease(await look());
        await ledger.retract(refOf(a));

        expect(await ledger.changeSet(change)).toEqual({ kind: 'retracted' });
        expect((await look()).state.fired).toBeUndefined();
      });

      it('are found by a retraction once they went', async () => {
        await ledger.join(arrivals(a));
        const change = await toRelease(await look());
        await ledger.changeSet(change);

        const { withdrawn } = await ledger.retract(refOf(a));

        expect(withdrawn.map(({ triggerId }) => triggerId)).toEqual([change.decision?.trigger?.triggerId]);
      });
    });

    const refOf = (seal: Signal) => ({
      stage: 'prod',
      subscription: joined.key,
      name: toSnapshotName(seal),
      revision: seal.revision,
    });

    async function takeBack(): Promise<void> {
      const registry = compileRegistry('000001-a', setRegistry(['a', 'b'], [joined]));
      const [wish] = wishesFor(registry, a.outputPortKey);
      const [like] = await ledger.listVerdicts({ stages: ['prod'], signalId: a.signalId });
      const retraction = retractionOf('a', { watermark });
      if (!wish || !like) throw new Error('the seal was decided');
      const verdict = { ...like, signalId: retraction.signalId, outcome: 'retracted' as const };
      await ledger.retract(refOf(a));
      await ledger.join(toSetRetractions(retraction, wish, { verdict }));
    }
  });
}
