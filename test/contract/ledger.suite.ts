import { beforeEach, describe, expect, it } from 'vitest';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import type { Decision } from '../../shared/domain/decision.js';
import type { Receipt } from '../../shared/contracts/receipt.js';
import type { Ledger, LedgerEntry, RecordOutcome } from '../../shared/ports/ledger.js';
import { decisionsOf } from '../fixtures/decisions.js';
import { registryDocument, sealedEvent, signal, subscription } from '../fixtures/events.js';

const nowMs = Date.parse('2026-03-11T02:00:05.000Z');
const minute = 60_000;
const lease = (atMs = nowMs) => ({ nowMs: atMs, leaseMs: minute });

/** Real decisions about a seal of the orders port. */
function decisions(event = sealedEvent(), subscriptions = [subscription()], atMs = nowMs): Decision[] {
  const registry = compileRegistry('000001-abc', registryDocument(subscriptions));
  return decisionsOf(decide(signal(event), { registry, nowMs: atMs }));
}

function entryOf(outcome: RecordOutcome | undefined): LedgerEntry {
  if (!outcome || outcome.kind === 'same-vector' || !outcome.entry) throw new Error('no entry');
  return outcome.entry;
}

/** What every ledger promises. `open` gives an empty ledger. */
export function ledgerSuite(name: string, open: () => Promise<Ledger>): void {
  describe(`ledger: ${name}`, () => {
    let ledger: Ledger;
    const recorded = async (list = decisions()): Promise<LedgerEntry> => entryOf((await ledger.record(list))[0]);
    beforeEach(async () => {
      ledger = await open();
    });

    it('keeps a matched verdict and its pending trigger', async () => {
      const [decision] = decisions();

      const entry = await recorded();

      expect(entry).toMatchObject({ state: 'pending', trigger: decision?.trigger });
      expect(await ledger.get(entry.trigger.triggerId)).toEqual(entry);
      expect(await ledger.listVerdicts({ stages: ['prod'], signalId: signal().signalId })).toEqual([decision?.verdict]);
    });

    it('keeps a verdict that says no, without a trigger', async () => {
      const event = sealedEvent({ outputPort: { version: '3.0.0' } });

      const [outcome] = await ledger.record(decisions(event));

      expect(outcome).toMatchObject({ kind: 'recorded', verdict: { outcome: 'not-matched' } });
      expect(outcome).not.toHaveProperty('entry');
    });

    it('lets the first stored verdict stand, also when a later decision differs', async () => {
      const first = await recorded();
      const stricter = subscription({ minimumQuality: { status: 'passed', score: 1 } });

      const [again] = await ledger.record(decisions(sealedEvent(), [stricter], nowMs + minute));

      expect(again).toMatchObject({
        kind: 'stands',
        verdict: { outcome: 'matched' },
        entry: { trigger: first.trigger },
      });
    });

    it('answers a second event with the same vector with a same-vector verdict that names the first', async () => {
      await recorded();
      const second = sealedEvent({ eventId: 'second' });

      const [outcome] = await ledger.record(decisions(second));

      expect(outcome).toMatchObject({
        kind: 'same-vector',
        verdict: { outcome: 'same-vector', eventId: 'second', firstEventId: 'orders-2026-03-10' },
      });
      expect(await ledger.record(decisions(second))).toMatchObject([
        { kind: 'stands', verdict: { outcome: 'same-vector' } },
      ]);
    });

    it('gives one trigger when the same vector comes twice in one call', async () => {
      const both = [...decisions(), ...decisions(sealedEvent({ eventId: 'second' }))];

      const outcomes = await ledger.record(both);

      expect(outcomes.map(({ kind }) => kind)).toEqual(['recorded', 'same-vector']);
    });

    it('records a large fan-out whole', async () => {
      const many = Array.from({ length: 150 }, (_, n) => subscription({ key: `sub.finance.revenue.s${n}` }));

      const outcomes = await ledger.record(decisions(sealedEvent(), many));

      expect(outcomes).toHaveLength(150);
      expect(await ledger.listVerdicts({ stages: ['prod'], signalId: signal().signalId })).toHaveLength(150);
      expect(await ledger.listByConsumer({ stage: 'prod', consumer: 'dp.finance.revenue', limit: 500 })).toHaveLength(
        150,
      );
    });

    it('grants a claim to one caller while its lease lasts', async () => {
      const { trigger, etag } = await recorded();
      const { triggerId } = trigger;

      expect(await ledger.claim([{ triggerId, etag }], lease())).toMatchObject([{ kind: 'claimed' }]);

      expect(await ledger.claim([{ triggerId, etag }], lease())).toMatchObject([{ kind: 'leased' }]);
      expect(await ledger.claim([{ triggerId }], lease(nowMs + minute))).toMatchObject([{ kind: 'claimed' }]);
    });

    it('grants racing claims to exactly one', async () => {
      const { trigger, etag } = await recorded();
      const request = { triggerId: trigger.triggerId, etag };

      const answers = await Promise.all(Array.from({ length: 5 }, () => ledger.claim([request], lease())));

      expect(answers.flat().filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    });

    it('claims without an etag, and knows nothing of a trigger never recorded', async () => {
      const { trigger } = await recorded();
      const unknown = trigger.triggerId.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));

      const answers = await ledger.claim([{ triggerId: trigger.triggerId }, { triggerId: unknown }], lease());

      expect(answers.map(({ kind }) => kind)).toEqual(['claimed', 'unknown']);
    });

    it('never lets a sent trigger be claimed again', async () => {
      const { trigger, etag } = await recorded();
      await ledger.claim([{ triggerId: trigger.triggerId, etag }], lease());

      await ledger.markSent([trigger], '2026-03-11T02:00:06.000Z');
      await ledger.markSent([trigger], '2026-03-11T02:00:06.000Z');

      expect(await ledger.claim([{ triggerId: trigger.triggerId, etag }], lease(nowMs + 99 * minute))).toEqual([
        { kind: 'sent' },
      ]);
      expect(await ledger.get(trigger.triggerId)).toMatchObject({ state: 'sent', sentAt: '2026-03-11T02:00:06.000Z' });
    });

    it('keeps what the topic refuses out of the unsent ones until somebody asks for it again', async () => {
      const { trigger } = await recorded();
      const { triggerId } = trigger;
      const unsent = () => ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 1, limit: 10 });
      await ledger.claim([{ triggerId }], lease());

      await ledger.markRefused([{ triggerId, reason: 'too large' }]);
      await ledger.markRefused([{ triggerId, reason: 'too large' }]);

      expect(await ledger.get(triggerId)).toMatchObject({ state: 'refused', refusedFor: 'too large' });
      expect(await unsent()).toEqual([]);
      expect(await ledger.claim([{ triggerId }], lease(nowMs + 99 * minute))).toEqual([
        { kind: 'not-pending', state: 'refused' },
      ]);
      expect(await ledger.reopen(triggerId, '2026-03-11T02:00:05.000Z')).toBe(true);
      expect(await unsent()).toMatchObject([{ state: 'pending', reopenedAt: '2026-03-11T02:00:05.000Z' }]);
      expect(await ledger.get(triggerId)).not.toHaveProperty('refusedFor');
      expect(await ledger.claim([{ triggerId }], lease())).toMatchObject([{ kind: 'claimed' }]);
      await ledger.markSent([trigger], '2026-03-11T02:00:06.000Z');
      await ledger.markRefused([{ triggerId, reason: 'too large' }]);
      expect(await ledger.get(triggerId)).toMatchObject({ state: 'sent' });
      expect(await ledger.reopen(triggerId, '2026-03-11T02:00:07.000Z')).toBe(false);
    });

    it('lets no refusal count that was under way when somebody asked for the trigger again', async () => {
      const { trigger } = await recorded();
      const { triggerId } = trigger;
      const [first, second] = ['2026-03-11T02:00:05.000Z', '2026-03-11T02:00:06.000Z'];
      await ledger.claim([{ triggerId }], lease());

      expect(await ledger.reopen(triggerId, first)).toBe(true);
      await ledger.markRefused([{ triggerId, reason: 'too large' }]);
      expect(await ledger.get(triggerId)).toMatchObject({ state: 'dispatching', reopenedAt: first });
      await ledger.markRefused([{ triggerId, reason: 'too large', reopenedAt: first }]);
      expect(await ledger.get(triggerId)).toMatchObject({ state: 'refused', reopenedAt: first });

      expect(await ledger.reopen(triggerId, second)).toBe(true);
      await ledger.markRefused([{ triggerId, reason: 'too large', reopenedAt: first }]);
      expect(await ledger.get(triggerId)).toMatchObject({ state: 'pending', reopenedAt: second });
      await ledger.markSent([trigger], '2026-03-11T02:00:07.000Z');
      expect(await ledger.reopen(triggerId, second)).toBe(false);
      expect(await ledger.reopen('prod.00.unknown', second)).toBe(false);
    });

    it('lists what is unsent and older than asked, leased or not, per stage', async () => {
      const { trigger, etag } = await recorded();
      const unsent = (beforeMs: number, stage = 'prod') => ledger.listUnsent({ stage, beforeMs, limit: 10 });

      expect(await unsent(nowMs)).toEqual([]);
      expect(await unsent(nowMs + 1)).toMatchObject([{ state: 'pending' }]);
      expect(await unsent(nowMs + 1, 'dev')).toEqual([]);
      await ledger.claim([{ triggerId: trigger.triggerId, etag }], lease());
      expect(await unsent(nowMs + 1)).toMatchObject([{ state: 'dispatching' }]);
      await ledger.markSent([trigger], '2026-03-11T02:00:06.000Z');
      expect(await unsent(nowMs + 1)).toEqual([]);
    });

    it('keeps a receipt once and lists receipts as they occurred', async () => {
      const { triggerId } = (await recorded()).trigger;
      const receipt = (status: Receipt['status'], second: number): Receipt => ({
        triggerId,
        eventId: `r-${status}`,
        consumer: 'dp.finance.revenue',
        status,
        occurredAt: `2026-03-11T02:01:0${second}.000Z`,
        receivedAt: '2026-03-11T02:02:00.000Z',
      });

      expect(await ledger.addReceipt(receipt('succeeded', 2))).toBe(true);
      expect(await ledger.addReceipt(receipt('accepted', 1))).toBe(true);
      expect(await ledger.addReceipt(receipt('accepted', 1))).toBe(false);

      expect((await ledger.listReceipts(triggerId)).map(({ status }) => status)).toEqual(['accepted', 'succeeded']);
    });
  });
}
