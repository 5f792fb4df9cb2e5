import { beforeEach, describe, expect, it } from 'vitest';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import type { Decision } from '../../shared/domain/decision.js';
import { toSnapshots } from '../../shared/domain/trigger.js';
import type { Ledger, LedgerEntry } from '../../shared/ports/ledger.js';
import type { LedgerQueries } from '../../shared/ports/ledger-queries.js';
import { decisionsOf } from '../fixtures/decisions.js';
import { registryDocument, sealedEvent, signal, subscription } from '../fixtures/events.js';

const nowMs = Date.parse('2026-03-11T02:00:05.000Z');
const minute = 60_000;
const leaseUntil = new Date(nowMs + minute).toISOString();
const sentAt = '2026-03-11T02:00:06.000Z';
const stages = ['prod'];

/** Decisions about one seal, as many as asked for, under a lease. */
function leased(count: number): Decision[] {
  const subscriptions = Array.from({ length: count }, (_, n) => subscription({ key: `sub.finance.revenue.s${n}` }));
  const registry = compileRegistry('000001-abc', registryDocument(subscriptions));
  const decisions = decisionsOf(decide(signal(sealedEvent()), { registry, nowMs }));
  return decisions.map((decision) => ({ ...decision, leaseUntil }));
}

const toId = ({ trigger }: LedgerEntry): string => trigger.triggerId;
const toSent = ({ trigger, unsentPage }: LedgerEntry) => ({ ...trigger, unsentPage });

/** What every ledger promises of triggers that are recorded under a lease. `open` gives an empty ledger. */
export function ledgerLeasesSuite(name: string, open: () => Promise<{ ledger: Ledger; queries: LedgerQueries }>): void {
  describe(`triggers recorded under a lease: ${name}`, () => {
    let ledger: Ledger;
    let queries: LedgerQueries;
    beforeEach(async () => {
      ({ ledger, queries } = await open());
    });

    async function recordLeased(count: number): Promise<LedgerEntry[]> {
      const outcomes = await ledger.record(leased(count));
      return outcomes.flatMap((outcome) => (outcome.kind === 'recorded' && outcome.entry ? [outcome.entry] : []));
    }
    const unsent = async (): Promise<string[]> =>
      (await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 1, limit: 100 })).map(toId).sort();

    it('are claimed from the start: nobody else may send one before the lease is over', async () => {
      const [entry] = await recordLeased(1);
      if (entry === undefined) throw new Error('nothing was recorded');
      const request = { triggerId: toId(entry) };

      expect(entry).toMatchObject({ state: 'dispatching', leaseUntil });
      expect(await ledger.get(toId(entry))).toEqual(entry);
      expect(await ledger.claim([request], { nowMs, leaseMs: minute })).toMatchObject([{ kind: 'leased' }]);
      expect(await ledger.claim([request], { nowMs: nowMs + minute, leaseMs: minute })).toMatchObject([
        { kind: 'claimed' },
      ]);
    });

    it('are not recorded twice: a second call is told what stands, and has no lease of its own', async () => {
      await recordLeased(1);

      expect(await ledger.record(leased(1))).toMatchObject([{ kind: 'stands', entry: { state: 'dispatching' } }]);
    });

    it('are found unsent, all of a large fan-out, until they are marked sent', async () => {
      const entries = await recordLeased(60);
      expect(entries).toHaveLength(60);
      expect(await unsent()).toEqual(entries.map(toId).sort());

      await ledger.markSent(entries.map(toSent), sentAt);

      expect(await unsent()).toEqual([]);
      const states = await Promise.all(entries.map(async (entry) => (await ledger.get(toId(entry)))?.state));
      expect(new Set(states)).toEqual(new Set(['sent']));
    });

    it('are found a page at a time where fewer are asked for', async () => {
      await recordLeased(60);

      const found = await ledger.listUnsent({ stage: 'prod', beforeMs: nowMs + 1, limit: 30 });

      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThanOrEqual(30);
    });

    it('are found unsent when only others of them were sent, in whatever order and however often', async () => {
      const [first, second, third] = await recordLeased(3);
      if (!first || !second || !third) throw new Error('three were recorded');

      await ledger.markSent([toSent(second)], sentAt);
      await ledger.markSent([toSent(second)], sentAt);
      expect(await unsent()).toEqual([toId(first), toId(third)].sort());

      await ledger.markSent([toSent(third), toSent(first)], sentAt);
      expect(await unsent()).toEqual([]);
      expect(await unsent()).toEqual([]);
    });

    it('can be refused, asked for again and sent, beside others that stay', async () => {
      const [refused, other] = await recordLeased(2);
      if (!refused || !other) throw new Error('two were recorded');

      await ledger.markRefused([{ triggerId: toId(refused), reason: 'too large' }]);
      expect(await unsent()).toEqual([toId(other)]);
      expect(await ledger.reopen(toId(refused), sentAt)).toBe(true);
      expect(await unsent()).toEqual([toId(refused), toId(other)].sort());

      const again = await ledger.get(toId(refused));
      expect(again).toMatchObject({ state: 'pending' });
      await ledger.markSent([toSent(other), ...(again ? [toSent(again)] : [])], sentAt);
      expect(await unsent()).toEqual([]);
    });

    it('can be taken back, and may have left then', async () => {
      const [taken, other] = await recordLeased(2);
      if (!taken || !other) throw new Error('two were recorded');
      const [snapshot] = toSnapshots(taken.trigger);
      if (!snapshot) throw new Error('it has an input');

      const ref = { stage: 'prod', subscription: taken.trigger.subscription };
      const retracted = await ledger.retract({ ...ref, ...snapshot });

      expect(retracted.withdrawn.map(({ triggerId }) => triggerId)).toEqual([toId(taken)]);
      expect(retracted.sent.map(({ triggerId }) => triggerId)).toEqual([toId(taken)]);
      expect(await unsent()).toEqual([toId(other)]);
    });

    it('are listed for people page by page, each once', async () => {
      const entries = await recordLeased(5);
      await ledger.markSent(entries.slice(0, 1).map(toSent), sentAt);
      const seen: string[] = [];
      let after: string | undefined;
      for (let pages = 0; pages < 10; pages += 1) {
        const page = await queries.listTriggers(
          { stages, by: { kind: 'unsent' } },
          { limit: 2, ...(after !== undefined && { after }) },
        );
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map(toId));
        after = page.after;
        if (after === undefined) break;
      }

      expect(seen.sort()).toEqual(entries.slice(1).map(toId).sort());
    });
  });
}
