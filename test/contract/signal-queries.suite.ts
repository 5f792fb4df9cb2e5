import { beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../shared/contracts/signal.js';
import type { Page } from '../../shared/ports/page.js';
import type { SignalFilter, SignalQueries } from '../../shared/ports/signal-queries.js';
import type { SignalStore } from '../../shared/ports/signal-store.js';
import { sealedEvent, signal } from '../fixtures/events.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 11, 2, minute)).toISOString();

/** A signal received at a minute of the hour. */
function received(minute: number, overrides: Parameters<typeof sealedEvent>[0] = {}): Signal {
  return { ...signal(sealedEvent({ eventId: `m${minute}`, ...overrides })), receivedAt: at(minute) };
}

const customers = { producer: { dataProduct: 'dp.crm.customers' }, outputPort: { key: 'op.crm.customers.current' } };
const returns = { outputPort: { key: 'op.sales.orders.hourly' } };

/** What queries over signals promise. `open` gives an empty store with its queries. */
export function signalQueriesSuite(
  name: string,
  open: () => Promise<{ store: SignalStore; queries: SignalQueries }>,
): void {
  describe(`signal queries: ${name}`, () => {
    let store: SignalStore;
    let queries: SignalQueries;
    const list = async (filter: Partial<SignalFilter>, limit = 50): Promise<string[]> => {
      const page = await queries.list({ stages: ['dev', 'prod'], by: { kind: 'time' }, ...filter }, { limit });
      return page.items.map(({ eventId }) => eventId);
    };
    beforeEach(async () => {
      ({ store, queries } = await open());
      await store.insert([
        received(1),
        received(2, customers),
        received(3, { ...returns, snapshot: { quality: { status: 'failed', ruleset: 'r' } } }),
        received(4, { outputPort: { stage: 'dev' } }),
        { ...received(5), correlationId: 'run 47/11#?' },
      ]);
    });

    it('list all stages newest first, over all producers', async () => {
      expect(await list({})).toEqual(['m5', 'm4', 'm3', 'm2', 'm1']);
      expect(await list({ stages: ['dev'] })).toEqual(['m4']);
    });

    it('narrow by time of receipt, the end not included', async () => {
      expect(await list({ fromMs: Date.parse(at(2)), beforeMs: Date.parse(at(4)) })).toEqual(['m3', 'm2']);
    });

    it('find by port, by producer over all its ports, by correlation id and by event id', async () => {
      expect(await list({ by: { kind: 'port', port: 'op.sales.orders.daily' } })).toEqual(['m5', 'm4', 'm1']);
      expect(await list({ by: { kind: 'producer', producerDp: 'dp.sales.orders' } })).toEqual(['m5', 'm4', 'm3', 'm1']);
      expect(await list({ by: { kind: 'correlation', correlationId: 'run 47/11#?' } })).toEqual(['m5']);
      expect(await list({ by: { kind: 'event', eventId: 'm2' } })).toEqual(['m2']);
      expect(await list({ by: { kind: 'event', eventId: 'absent' } })).toEqual([]);
    });

    it('tell what a producer published for a port of another from what the owner did', async () => {
      const guest = { dataProduct: 'dp.crm.guest' };
      await store.insert([
        received(6, { producer: guest }),
        received(7, { producer: guest, outputPort: { key: 'op.crm.guest.own' } }),
      ]);
      // Enough of them for some to be kept where the owner is.
      const others = Array.from({ length: 20 }, (_, n) => ({ dataProduct: `dp.crm.other-${n}` }));
      await store.insert(others.map((producer, n) => received(8, { eventId: `o${n}`, producer, ...returns })));

      const byPort = await list({ by: { kind: 'port', port: 'op.sales.orders.daily' } });
      const byGuest = { by: { kind: 'producer', producerDp: 'dp.crm.guest' } } as const;

      expect(byPort).toEqual(['m6', 'm5', 'm4', 'm1']);
      expect(await list(byGuest)).toEqual(['m7', 'm6']);
      expect(await list({ ...byGuest, fromMs: Date.parse(at(7)) })).toEqual(['m7']);
      expect(await list({ ...byGuest, quality: 'failed' })).toEqual([]);
      expect(await list({ by: { kind: 'producer', producerDp: 'dp.sales.orders' } })).toEqual(['m5', 'm4', 'm3', 'm1']);
    });

    it.each([1, 2, 3])('give every signal of a producer once in pages of %i', async (limit) => {
      const filter = { stages: ['dev', 'prod'], by: { kind: 'producer', producerDp: 'dp.sales.orders' } } as const;
      const seen: string[] = [];
      for (let after: string | undefined; ;) {
        const page: Page<Signal> = await queries.list(filter, { limit, ...(after !== undefined && { after }) });
        seen.push(...page.items.map(({ eventId }) => eventId));
        if (page.after === undefined) break;
        after = page.after;
      }
      expect(seen).toEqual(['m5', 'm4', 'm3', 'm1']);
    });

    it('filter by quality within the range', async () => {
      expect(await list({ quality: 'failed' })).toEqual(['m3']);
      expect(await list({ quality: 'failed', by: { kind: 'port', port: 'op.sales.orders.daily' } })).toEqual([]);
    });

    it.each([1, 2, 3, 5])('give every signal once in pages of %i', async (limit) => {
      const seen: string[] = [];
      for (let after: string | undefined; ;) {
        const page: Page<Signal> = await queries.list(
          { stages: ['dev', 'prod'], by: { kind: 'time' } },
          { limit, ...(after !== undefined && { after }) },
        );
        seen.push(...page.items.map(({ eventId }) => eventId));
        if (page.after === undefined) break;
        after = page.after;
      }
      expect(seen).toEqual(['m5', 'm4', 'm3', 'm2', 'm1']);
    });

    it('walk a port by what its snapshots stand for, oldest first, bounds included', async () => {
      const day = (date: number): string => new Date(Date.UTC(2026, 3, date)).toISOString();
      await store.insert([3, 1, 2].map((date) => received(10 + date, { snapshot: { watermark: day(date) } })));
      const query = {
        stage: 'prod',
        port: 'op.sales.orders.daily',
        fromMs: Date.parse(day(1)),
        toMs: Date.parse(day(2)),
      };

      const first = await queries.listByWatermark(query, { limit: 1 });
      const rest = await queries.listByWatermark(query, { limit: 5, ...(first.after && { after: first.after }) });

      expect([...first.items, ...rest.items].map(({ eventId }) => eventId)).toEqual(['m11', 'm12']);
      expect(await queries.countByWatermark(query)).toBe(2);
    });

    it('find the retractions of one snapshot time, and nothing else', async () => {
      const place = { stage: 'prod', port: 'op.sales.orders.daily' };
      const sealed = received(20, { snapshot: { watermark: '2026-05-01T00:00:00.000Z' } });
      const retraction = {
        ...sealed,
        signalId: `${sealed.signalId}r`,
        eventType: 'OutputPortSnapshotRetracted' as const,
      };
      await store.insert([sealed, retraction]);
      const atMs = Date.parse('2026-05-01T00:00:00Z');

      expect(await queries.listRetractions({ ...place, atMs, limit: 9 })).toEqual([retraction]);
      expect(await queries.listRetractions({ ...place, atMs: atMs + 1, limit: 9 })).toEqual([]);
      expect(await queries.listRetractions({ ...place, stage: 'dev', atMs, limit: 9 })).toEqual([]);
    });

    it('tell when the sealed snapshots of a port arrived', async () => {
      const arrivals = await queries.listArrivals({ stage: 'prod', port: 'op.sales.orders.daily', limit: 1 });

      expect(arrivals).toEqual([
        { snapshotTimeMs: Date.parse('2026-03-11T00:00:00Z'), receivedAtMs: Date.parse(at(5)) },
      ]);
    });
  });
}
