import { beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../shared/contracts/signal.js';
import type { SubscriptionEntry } from '../../shared/contracts/subscription.js';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import { toSnapshotName } from '../../shared/domain/identity.js';
import type { SetArrival } from '../../shared/domain/input-set/arrival.js';
import { toSetRetractions } from '../../shared/domain/retraction.js';
import type { Ledger } from '../../shared/ports/ledger.js';
import { arrivalsOf } from '../fixtures/decisions.js';
import { retractionOf, sealOf, setRegistry, setSubscription } from '../fixtures/sets.js';

const nowMs = Date.parse('2026-03-11T02:00:05.000Z');
const watermark = '2026-03-10T00:00:00Z';
const joined = setSubscription({ a: {}, b: {} });

function arrivals(seal: Signal, subscription: SubscriptionEntry = joined): SetArrival[] {
  const registry = compileRegistry('000001-a', setRegistry(['a', 'b'], [subscription]));
  return arrivalsOf(decide(seal, { registry, nowMs }));
}

/** What every ledger promises about sets of inputs. `open` gives an empty ledger. */
export function ledgerSetsSuite(name: string, open: () => Promise<Ledger>): void {
  describe(`sets in the ledger: ${name}`, () => {
    let ledger: Ledger;
    const [a, b] = [sealOf('a', { watermark }), sealOf('b', { watermark })];
    beforeEach(async () => {
      ledger = await open();
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

    const refOf = (seal: Signal) => ({
      stage: 'prod',
      subscription: joined.key,
      name: toSnapshotName(seal),
      revision: seal.revision,
    });

    async function takeBack(): Promise<void> {
      const registry = compileRegistry('000001-a', setRegistry(['a', 'b'], [joined]));
      const [wish] = registry.wishesByPort.get(a.outputPortKey) ?? [];
      const [like] = await ledger.listVerdicts({ stages: ['prod'], signalId: a.signalId });
      const retraction = retractionOf('a', { watermark });
      if (!wish || !like) throw new Error('the seal was decided');
      const verdict = { ...like, signalId: retraction.signalId, outcome: 'retracted' as const };
      await ledger.retract(refOf(a));
      await ledger.join(toSetRetractions(retraction, wish, { verdict }));
    }
  });
}
