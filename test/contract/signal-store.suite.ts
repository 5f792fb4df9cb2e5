import { beforeEach, describe, expect, it } from 'vitest';
import type { SignalStore } from '../../shared/ports/signal-store.js';
import { origin, sealedEvent, signal } from '../fixtures/events.js';

/** What every signal store promises. `open` gives an empty store. */
export function signalStoreSuite(name: string, open: () => Promise<SignalStore>): void {
  describe(`signal store: ${name}`, () => {
    let store: SignalStore;
    beforeEach(async () => {
      store = await open();
    });

    it('stores a signal and gives it back whole', async () => {
      const stored = signal(
        sealedEvent({ snapshot: { batchId: 'b/1#?', partition: 'eu', recordCount: 5_000_000_000 } }),
      );

      expect(await store.insert([stored])).toEqual([{ kind: 'stored' }]);

      expect(await store.get(stored)).toEqual(stored);
    });

    it('answers a retry from the same hub position with what was stored, without recording a duplicate', async () => {
      await store.insert([signal()]);
      const retried = { ...signal(), receivedAt: '2026-03-11T04:00:00.000Z', registryVersion: '000002-def' };

      expect(await store.insert([retried])).toEqual([{ kind: 'redelivered', first: signal() }]);
      expect(await store.get(retried)).toEqual(signal());
      expect(await store.listDuplicates(signal())).toEqual([]);
    });

    it('records another delivery of the same event once per hub position', async () => {
      await store.insert([signal()]);

      for (const sequence of [8, 9, 8]) {
        expect(await store.insert([signal(sealedEvent(), sequence)])).toMatchObject([
          { kind: 'duplicate', first: signal() },
        ]);
      }
      expect(await store.listDuplicates(signal())).toEqual([origin(8), origin(9)]);
    });

    it('records a delivery at the same position of a hub that was made anew', async () => {
      await store.insert([signal()]);
      const anew = { ...origin(), enqueuedAt: '2026-05-01T00:00:00.000Z' };

      expect(await store.insert([{ ...signal(), origin: anew }])).toMatchObject([{ kind: 'duplicate' }]);
      expect(await store.listDuplicates(signal())).toEqual([anew]);
    });

    it('refuses other content under the same id and keeps the first', async () => {
      await store.insert([signal()]);
      const other = signal(sealedEvent({ snapshot: { recordCount: 1 } }), 8);

      expect(await store.insert([other])).toMatchObject([{ kind: 'conflict', first: signal() }]);
      expect(await store.get(other)).toEqual(signal());
    });

    it('settles signals that occur several times in one call in order', async () => {
      const outcomes = await store.insert([
        signal(),
        signal(sealedEvent({ eventId: 'other' })),
        signal(sealedEvent(), 8),
        signal(),
      ]);

      expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'stored', 'duplicate', 'redelivered']);
    });

    it('stores the new ones of a batch in which some were seen before', async () => {
      const many = Array.from({ length: 120 }, (_, n) => signal(sealedEvent({ eventId: `e-${n}` }), n));
      await store.insert(many.filter((_, n) => n % 7 === 0));

      const outcomes = await store.insert(many);

      expect(outcomes.map(({ kind }) => kind)).toEqual(many.map((_, n) => (n % 7 === 0 ? 'redelivered' : 'stored')));
    });

    it('finds a signal by event id alone, across producers', async () => {
      const other = signal(sealedEvent({ producer: { dataProduct: 'dp.crm.customers' } }));
      await store.insert([signal(), other, signal(sealedEvent({ eventId: 'other' }))]);

      const found = await store.findByEventId('orders-2026-03-10');

      expect(found.map(({ producerDp }) => producerDp).sort()).toEqual(['dp.crm.customers', 'dp.sales.orders']);
    });

    it('lists the signals of a port newest first', async () => {
      const at = (minute: number) => ({
        ...signal(sealedEvent({ eventId: `m${minute}` })),
        receivedAt: `2026-03-11T02:0${minute}:00.000Z`,
      });
      await store.insert([at(1), at(3), at(2)]);

      const listed = await store.listByPort({ stage: 'prod', port: 'op.sales.orders.daily', limit: 2 });

      expect(listed.map(({ eventId }) => eventId)).toEqual(['m3', 'm2']);
    });
  });
}
