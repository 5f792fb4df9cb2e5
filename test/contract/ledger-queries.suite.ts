import { beforeEach, describe, expect, it } from 'vitest';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import type { Ledger } from '../../shared/ports/ledger.js';
import type { LedgerQueries } from '../../shared/ports/ledger-queries.js';
import { arrivalsOf, decisionsOf } from '../fixtures/decisions.js';
import { registryDocument, sealedEvent, signal, subscription } from '../fixtures/events.js';
import { sealOf, setRegistry, setSubscription } from '../fixtures/sets.js';

const subscriptions = [subscription(), subscription({ key: 'sub.crm.customers.orders', consumer: 'dp.crm.customers' })];
const registry = compileRegistry('000001-abc', registryDocument(subscriptions));
const at = (minute: number): number => Date.UTC(2026, 2, 11, 2, minute);

/** The decisions about the n-th snapshot, decided at minute n. */
function decided(n: number, version = '2.1.0') {
  const watermark = new Date(Date.UTC(2026, 2, n + 1)).toISOString();
  const event = sealedEvent({ eventId: `e${n}`, snapshot: { watermark }, outputPort: { version } });
  return decisionsOf(decide(signal(event), { registry, nowMs: at(n) }));
}

/** What queries over the ledger promise. `open` gives an empty ledger with its queries. */
export function ledgerQueriesSuite(
  name: string,
  open: () => Promise<{ ledger: Ledger; queries: LedgerQueries }>,
): void {
  describe(`ledger queries: ${name}`, () => {
    let ledger: Ledger;
    let queries: LedgerQueries;
    const stages = ['dev', 'prod'];
    const verdictsOf = { stages, subscription: 'sub.finance.revenue.orders' };
    beforeEach(async () => {
      ({ ledger, queries } = await open());
      await ledger.record([...decided(1), ...decided(2), ...decided(3, '3.0.0')]);
      const [first] = decided(1);
      if (first?.trigger) await ledger.markSent([first.trigger], '2026-03-11T03:00:00.000Z');
    });

    it('list the triggers of a consumer newest first, page by page', async () => {
      const filter = { stages, by: { kind: 'consumer', consumer: 'dp.finance.revenue' } } as const;

      const first = await queries.listTriggers(filter, { limit: 1 });
      const second = await queries.listTriggers(filter, { limit: 1, ...(first.after && { after: first.after }) });

      expect(
        [...first.items, ...second.items].map(({ trigger, state }) => [trigger.inputs[0]?.eventId, state]),
      ).toEqual([
        ['e2', 'pending'],
        ['e1', 'sent'],
      ]);
    });

    it('list the triggers of a consumer over all its subscriptions, and of no other consumer', async () => {
      const keys = ['sub.finance.revenue.orders', 'sub.finance.revenue.more', 'sub.finance.revenues.orders'];
      const both = keys.map((key) =>
        subscription({ key, consumer: key.split('.').slice(0, 3).join('.').replace('sub', 'dp') }),
      );
      const wider = compileRegistry('000002-abc', registryDocument(both));
      const event = sealedEvent({ eventId: 'e5', snapshot: { watermark: '2026-03-20T00:00:00.000Z' } });
      await ledger.record(decisionsOf(decide(signal(event), { registry: wider, nowMs: at(5) })));
      const filter = { stages, by: { kind: 'consumer', consumer: 'dp.finance.revenue' } } as const;

      const { items } = await queries.listTriggers(filter, { limit: 10 });

      expect(items.map(({ trigger }) => [trigger.inputs[0]?.eventId, trigger.subscription]).sort()).toEqual([
        ['e1', 'sub.finance.revenue.orders'],
        ['e2', 'sub.finance.revenue.orders'],
        ['e5', 'sub.finance.revenue.more'],
        ['e5', 'sub.finance.revenue.orders'],
      ]);
      expect(items.slice(0, 2).map(({ trigger }) => trigger.inputs[0]?.eventId)).toEqual(['e5', 'e5']);
      const listed = await ledger.listByConsumer({ stage: 'prod', consumer: 'dp.finance.revenue', limit: 3 });
      expect(listed.map(({ trigger }) => trigger.inputs[0]?.eventId)).toEqual(['e5', 'e5', 'e2']);
    });

    it('list the sets of a subscription, oldest period first, page by page', async () => {
      const joined = setSubscription({ a: {}, b: {} });
      const sets = compileRegistry('000001-a', setRegistry(['a', 'b'], [joined]));
      for (const watermark of ['2026-03-11T00:00:00Z', '2026-03-10T00:00:00Z']) {
        await ledger.join(arrivalsOf(decide(sealOf('a', { watermark }), { registry: sets, nowMs: at(1) })));
      }
      const filter = { stages, subscription: joined.key };

      const first = await queries.listSets(filter, { limit: 1 });
      const second = await queries.listSets(filter, { limit: 1, ...(first.after && { after: first.after }) });

      expect(
        [...first.items, ...second.items].map(({ stage, set, state }) => [stage, set, state.members.length]),
      ).toEqual([
        ['prod', '2026-03-10T00:00:00.000Z', 1],
        ['prod', '2026-03-11T00:00:00.000Z', 1],
      ]);
      expect((await queries.listSets({ stages, subscription: 'sub.other.one.two' }, { limit: 9 })).items).toEqual([]);
    });

    it('list what is not sent yet, oldest first, and by state', async () => {
      const unsent = await queries.listTriggers({ stages, by: { kind: 'unsent' } }, { limit: 10 });
      expect(unsent.items.map(({ trigger }) => [trigger.inputs[0]?.eventId, trigger.consumer])).toEqual([
        ['e1', 'dp.crm.customers'],
        ['e2', expect.any(String)],
        ['e2', expect.any(String)],
      ]);
      const own = { stages, by: { kind: 'unsent' }, consumer: 'dp.finance.revenue' } as const;
      expect((await queries.listTriggers(own, { limit: 10 })).items).toHaveLength(1);
      const leased = { stages, by: { kind: 'unsent' }, states: ['dispatching' as const] } as const;
      expect((await queries.listTriggers(leased, { limit: 10 })).items).toEqual([]);
    });

    it('find every trigger in a scan', async () => {
      expect((await queries.listTriggers({ stages, by: { kind: 'scan' } }, { limit: 10 })).items).toHaveLength(4);
      const sent = { stages, by: { kind: 'scan' }, states: ['sent' as const] } as const;
      expect((await queries.listTriggers(sent, { limit: 10 })).items).toHaveLength(1);
    });

    it('list the verdicts of a subscription newest first, by outcome and time', async () => {
      const all = await queries.listVerdicts(verdictsOf, { limit: 10 });
      expect(all.items.map(({ eventId, outcome }) => [eventId, outcome])).toEqual([
        ['e3', 'not-matched'],
        ['e2', 'matched'],
        ['e1', 'matched'],
      ]);
      const matched = await queries.listVerdicts({ ...verdictsOf, outcome: 'matched', beforeMs: at(2) }, { limit: 10 });
      expect(matched.items.map(({ eventId }) => eventId)).toEqual(['e1']);
      expect((await queries.listVerdicts({ ...verdictsOf, fromMs: at(3) }, { limit: 10 })).items).toHaveLength(1);
    });

    it('show the verdict of a second event with the same vector', async () => {
      const again = decisionsOf(
        decide(signal(sealedEvent({ eventId: 'again', snapshot: { watermark: '2026-03-02T00:00:00.000Z' } })), {
          registry,
          nowMs: at(9),
        }),
      );
      await ledger.record(again);

      const [newest] = (await queries.listVerdicts(verdictsOf, { limit: 1 })).items;

      expect(newest).toMatchObject({ eventId: 'again', outcome: 'same-vector', firstEventId: 'e1' });
    });

    it('keep the verdict of a replay beside the live one', async () => {
      const [live] = decided(1);
      if (live === undefined) throw new Error('one is decided');
      const replayed = { ...live, verdict: { ...live.verdict, replay: 'again', verdictId: 'v-again' } };

      expect(await ledger.record([replayed])).toMatchObject([{ kind: 'same-vector', verdict: { replay: 'again' } }]);
      expect(await ledger.record([replayed])).toMatchObject([{ kind: 'stands', verdict: { replay: 'again' } }]);

      const stored = await ledger.listVerdicts({ stages, signalId: live.verdict.signalId });
      const own = stored.filter(({ subscription }) => subscription === live.verdict.subscription);
      expect(own.map(({ replay }) => replay).sort()).toEqual(['again', undefined]);
    });

    it('list no verdict of a replay that found the trigger standing, but one that says no', async () => {
      const [live] = decided(1);
      const [no] = decided(3, '3.0.0');
      if (live === undefined || no === undefined) throw new Error('both are decided');
      const before = await queries.listVerdicts(verdictsOf, { limit: 20 });
      const mark = { replay: 'again', verdictId: 'v-again' };
      await ledger.record([live, no].map((each) => ({ ...each, verdict: { ...each.verdict, ...mark } })));

      const { items } = await queries.listVerdicts(verdictsOf, { limit: 20 });

      expect(items).toHaveLength(before.items.length + 1);
      expect(items.filter(({ replay }) => replay !== undefined)).toMatchObject([{ outcome: 'not-matched' }]);
    });

    it('find a receipt by its event id', async () => {
      const [first] = decided(1);
      const receipt = {
        triggerId: first?.trigger?.triggerId ?? '',
        eventId: 'receipt-1',
        consumer: 'dp.finance.revenue',
        status: 'accepted' as const,
        occurredAt: '2026-03-11T03:01:00.000Z',
        receivedAt: '2026-03-11T03:01:01.000Z',
      };
      await ledger.addReceipt(receipt);

      expect(await queries.findReceipts({ stages, eventId: 'receipt-1' })).toEqual([receipt]);
      expect(await queries.findReceipts({ stages, eventId: 'absent' })).toEqual([]);
    });
  });
}
