import { beforeEach, describe, expect, it } from 'vitest';
import type { Trigger } from '../../shared/contracts/trigger.js';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import type { Decision } from '../../shared/domain/decision.js';
import type { ReleasePlan } from '../../shared/domain/flow/plan-release.js';
import { toSnapshotName } from '../../shared/domain/identity.js';
import type { Ledger } from '../../shared/ports/ledger.js';
import { decisionsOf } from '../fixtures/decisions.js';
import { registryDocument, sealedEvent, signal, subscription } from '../fixtures/events.js';

const nowMs = Date.parse('2026-03-11T02:00:05.000Z');
const minute = 60_000;
const ref = { stage: 'prod', subscription: subscription().key };
const nothing: Omit<ReleasePlan, 'flow'> = {
  at: '2026-03-11T03:00:00.000Z',
  release: [],
  absorb: [],
  keep: [],
  more: false,
};

/** A decision on the snapshot of hour `n`, decided in minute `n`. */
function decision(n: number, initial: 'pending' | 'held' = 'held', key = ref.subscription): Decision {
  const registry = compileRegistry('000001-abc', registryDocument([subscription({ key })]));
  const event = sealedEvent({
    eventId: `e${n}`,
    snapshot: { watermark: `2026-03-10T${String(n).padStart(2, '0')}:00:00Z` },
  });
  const [made] = decisionsOf(decide(signal(event), { registry, nowMs: nowMs + n * minute }));
  if (!made) throw new Error('one subscription, one decision');
  return { ...made, initial };
}

const snapshotOf = (n: number) => ({
  ...ref,
  name: toSnapshotName({
    outputPortKey: 'op.sales.orders.daily',
    watermark: `2026-03-10T${String(n).padStart(2, '0')}:00:00Z`,
  }),
  revision: 0,
});

/** What every ledger promises about triggers that wait. `open` gives an empty ledger. */
export function ledgerHoldsSuite(name: string, open: () => Promise<Ledger>): void {
  describe(`held triggers: ${name}`, () => {
    let ledger: Ledger;
    const stateOf = async (trigger: Trigger): Promise<string | undefined> =>
      (await ledger.get(trigger.triggerId))?.state;
    const record = async (...numbers: number[]): Promise<Trigger[]> => {
      const decisions = numbers.map((n) => decision(n));
      await ledger.record(decisions);
      return decisions.flatMap(({ trigger }) => trigger ?? []);
    };
    const lease = { nowMs, leaseMs: minute };
    beforeEach(async () => {
      ledger = await open();
    });

    it('are neither unsent nor to be claimed', async () => {
      const [held] = await record(1);
      if (!held) throw new Error('one trigger');

      expect(await stateOf(held)).toBe('held');
      expect(await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 99 * minute, limit: 9 })).toEqual([]);
      expect(await ledger.claim([{ triggerId: held.triggerId }], lease)).toEqual([
        { kind: 'not-pending', state: 'held' },
      ]);
    });

    it('are listed by subscription, oldest first', async () => {
      const [second, first] = await record(2, 1);
      await ledger.record([decision(3, 'held', 'sub.finance.revenue.other')]);

      expect((await ledger.listHeldSubscriptions('prod')).sort()).toEqual([
        ref.subscription,
        'sub.finance.revenue.other',
      ]);
      expect(await ledger.listHeldSubscriptions('dev')).toEqual([]);
      expect(await ledger.listHeld(ref, 9)).toEqual([first, second]);
      expect(await ledger.listHeld(ref, 1)).toEqual([first]);
    });

    it('become pending when released, with the body the plan gave them, and the flow is remembered', async () => {
      const [held] = await record(1);
      if (!held) throw new Error('one trigger');
      const body: Trigger = { ...held, heldFor: [{ code: 'throttled', reason: 'too many' }] };

      const { released, more } = await ledger.regulate(ref, (_, flow) => {
        expect(flow).toEqual({ releasedAt: [] });
        return { ...nothing, release: [body], flow: { releasedAt: ['2026-03-11T02:00:00.000Z'] }, more: true };
      });

      expect(more).toBe(true);
      expect(released).toMatchObject([{ trigger: body, state: 'pending', pendingSince: nothing.at }]);
      // The etag spares a read later; a store may leave it out.
      expect(await ledger.get(held.triggerId)).toEqual({ ...released[0], etag: expect.any(String) as string });
      expect(await ledger.listHeld(ref, 9)).toEqual([]);
      expect(await ledger.listHeldSubscriptions('prod')).toEqual([]);
      const request = { triggerId: held.triggerId, etag: released[0]?.etag ?? '' };
      expect(await ledger.claim([request], lease)).toMatchObject([{ kind: 'claimed' }]);
      await record(2);
      await ledger.regulate(ref, (waiting, flow) => {
        expect([waiting.length, flow]).toEqual([1, { releasedAt: ['2026-03-11T02:00:00.000Z'] }]);
        return { ...nothing, flow };
      });
    });

    it('stand behind another one when absorbed', async () => {
      const [older, newer] = await record(1, 2);
      if (!older || !newer) throw new Error('two triggers');
      const carrier: Trigger = {
        ...newer,
        absorbed: [{ triggerId: older.triggerId, decidedAt: older.decidedAt, snapshots: [] }],
      };

      await ledger.regulate(ref, (_, flow) => ({
        ...nothing,
        flow,
        absorb: [{ trigger: older, into: newer.triggerId }],
        keep: [carrier],
      }));

      expect(await ledger.get(older.triggerId)).toMatchObject({ state: 'absorbed', absorbedInto: newer.triggerId });
      expect(await ledger.listHeld(ref, 9)).toEqual([carrier]);
    });

    it('are released once when two instances plan at the same instant', async () => {
      await record(1, 2, 3);
      const all = (held: readonly Trigger[], flow: ReleasePlan['flow']): ReleasePlan => ({
        ...nothing,
        flow,
        release: held,
      });

      const answers = await Promise.all(Array.from({ length: 4 }, () => ledger.regulate(ref, all)));

      const released = answers.flatMap((answer) => answer.released.map(({ trigger }) => trigger.triggerId));
      expect(new Set(released).size).toBe(3);
      expect(released).toHaveLength(3);
    });

    it('can be made of pending ones, not of those on their way', async () => {
      const pending = decision(1, 'pending');
      await ledger.record([pending]);
      const { trigger } = pending;
      if (!trigger) throw new Error('one trigger');

      expect(await ledger.hold(trigger, [{ code: 'paused', reason: 'stopped' }])).toBe(true);

      expect(await ledger.listHeld(ref, 9)).toMatchObject([{ heldFor: [{ code: 'paused', reason: 'stopped' }] }]);
      expect(await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 99 * minute, limit: 9 })).toEqual([]);
      expect(await ledger.hold(trigger, [])).toBe(false);
    });

    it('are withdrawn with their snapshot, as are pending ones; a later trigger for it is refused', async () => {
      const pending = decision(1, 'pending');
      await ledger.record([pending, decision(2)]);

      expect(await ledger.retract(snapshotOf(1))).toMatchObject({
        withdrawn: [{ triggerId: pending.trigger?.triggerId }],
        sent: [],
      });
      expect(await ledger.retract(snapshotOf(1))).toMatchObject({
        withdrawn: [{ triggerId: pending.trigger?.triggerId }],
        sent: [],
      });
      await ledger.retract(snapshotOf(2));
      await ledger.retract(snapshotOf(3));

      expect(await ledger.listHeld(ref, 9)).toEqual([]);
      expect(await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 99 * minute, limit: 9 })).toEqual([]);
      const [late] = await ledger.record([decision(3)]);
      expect(late).toMatchObject({ kind: 'recorded', verdict: { outcome: 'not-matched' } });
      expect(late).not.toHaveProperty('entry');
    });

    it('wait again by themselves when the one that stood for them is withdrawn before it left', async () => {
      const [first, second, third] = await record(1, 2, 3);
      if (!first || !second || !third) throw new Error('three triggers');
      const nameOf = ({ triggerId, decidedAt }: Trigger) => ({ triggerId, decidedAt, snapshots: [] });
      const absorb = async (gone: Trigger, into: Trigger, absorbed: Trigger[]): Promise<void> => {
        const keep = [{ ...into, absorbed: absorbed.map(nameOf) }];
        const step = { ...nothing, absorb: [{ trigger: gone, into: into.triggerId }], keep };
        await ledger.regulate(ref, (_, flow) => ({ ...step, flow }));
      };
      await absorb(first, second, [first]);
      await absorb(second, third, [first, second]);
      const [fourth, fifth, sixth] = await record(4, 5, 6);
      if (!fourth || !fifth || !sixth) throw new Error('three triggers');
      await absorb(fourth, fifth, [fourth]);
      await absorb(fifth, sixth, [fourth, fifth]);

      await ledger.retract(snapshotOf(5));
      await ledger.retract(snapshotOf(6));
      expect([await stateOf(fourth), await stateOf(fifth)]).toEqual(['held', 'withdrawn']);
      await ledger.retract(snapshotOf(4));
      await ledger.retract(snapshotOf(3));

      expect([await stateOf(first), await stateOf(second)]).toEqual(['absorbed', 'held']);
      expect(await ledger.listHeld(ref, 9)).toMatchObject([{ triggerId: second.triggerId }]);
      expect(await ledger.get(second.triggerId)).not.toHaveProperty('absorbedInto');
      await ledger.retract(snapshotOf(1));
      await ledger.retract(snapshotOf(2));
      expect([await stateOf(first), await stateOf(second)]).toEqual(['withdrawn', 'withdrawn']);
      expect(await ledger.listHeld(ref, 9)).toEqual([]);
    });

    it('are told apart from what left: sent, leased to a dispatcher, or absorbed into what left', async () => {
      const [older, newer] = await record(1, 2);
      const [sent, leased] = [decision(3, 'pending'), decision(4, 'pending')];
      await ledger.record([sent, leased]);
      const [carrier, other, away, out] = [newer, older, leased.trigger, sent.trigger];
      if (!carrier || !other || !away || !out) throw new Error('four triggers');
      await ledger.regulate(ref, (_, flow) => ({
        ...nothing,
        flow,
        absorb: [{ trigger: other, into: carrier.triggerId }],
        release: [carrier],
      }));
      await ledger.markSent([out, carrier], '2026-03-11T02:00:06.000Z');
      await ledger.claim([{ triggerId: away.triggerId }], lease);

      expect((await ledger.retract(snapshotOf(3))).sent).toEqual([out]);
      expect(await ledger.retract(snapshotOf(4))).toEqual({ withdrawn: [away], sent: [away] });
      expect((await ledger.retract(snapshotOf(1))).sent).toEqual([carrier]);
      expect(await ledger.claim([{ triggerId: away.triggerId }], { nowMs: nowMs + 9 * minute, leaseMs: 1 })).toEqual([
        { kind: 'not-pending', state: 'withdrawn' },
      ]);
    });

    it('leave no gap between a retraction and a seal that is decided at the same instant', async () => {
      for (let n = 1; n <= 8; n += 1) {
        const [[outcome], taken] = await Promise.all([ledger.record([decision(n)]), ledger.retract(snapshotOf(n))]);
        const entry = outcome && 'entry' in outcome ? outcome.entry : undefined;
        expect(entry === undefined ? 0 : 1).toBe(taken.withdrawn.length);
      }
      expect(await ledger.listHeld(ref, 9)).toEqual([]);
    });
  });
}
