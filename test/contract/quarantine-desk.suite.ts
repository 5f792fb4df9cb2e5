import { beforeEach, describe, expect, it } from 'vitest';
import type { QuarantineRecord } from '../../shared/contracts/quarantine-record.js';
import type { Resolution } from '../../shared/contracts/quarantine-item.js';
import type { Page } from '../../shared/ports/page.js';
import type { QuarantineDesk } from '../../shared/ports/quarantine-desk.js';
import type { QuarantineStore } from '../../shared/ports/quarantine-store.js';
import { origin } from '../fixtures/events.js';

function record(n: number, overrides: Partial<QuarantineRecord> = {}): QuarantineRecord {
  return {
    reason: 'not-json',
    problems: [{ path: '$', message: 'not JSON' }],
    bodyBase64: Buffer.from(`{"n":${n}`).toString('base64'),
    origin: { ...origin(n), enqueuedAt: new Date(Date.UTC(2026, 2, 11, 1, n)).toISOString() },
    receivedAt: '2026-03-11T02:00:00.000Z',
    quarantinedAt: '2026-03-11T02:00:00.000Z',
    eventId: `e${n}`,
    ...overrides,
  };
}

const discarded: Resolution = { state: 'discarded', at: '2026-03-12T00:00:00.000Z', actor: 'ada', reason: 'a test' };

/** What people's side of the quarantine promises. `open` gives an empty one. */
export function quarantineDeskSuite(
  name: string,
  open: () => Promise<{ store: QuarantineStore; desk: QuarantineDesk }>,
): void {
  describe(`quarantine desk: ${name}`, () => {
    let store: QuarantineStore;
    let desk: QuarantineDesk;
    beforeEach(async () => {
      ({ store, desk } = await open());
      const yesterday = { ...origin(9), enqueuedAt: '2026-03-10T09:00:00.000Z' };
      await store.put([
        record(1),
        record(2, { reason: 'unknown-output-port', producer: 'dp.a.b', port: 'op.a.b.c' }),
        record(3),
        record(9, { origin: yesterday }),
      ]);
    });
    const list = async (filter = {}, limit = 10): Promise<(string | undefined)[]> =>
      (await desk.list(filter, { limit })).items.map(({ eventId }) => eventId);

    it('lists newest first over days, by reason, producer, port and time', async () => {
      expect(await list()).toEqual(['e3', 'e2', 'e1', 'e9']);
      expect(await list({ reason: 'not-json' })).toEqual(['e3', 'e1', 'e9']);
      expect(await list({ producer: 'dp.a.b' })).toEqual(['e2']);
      expect(await list({ port: 'op.a.b.c', reason: 'unknown-output-port' })).toEqual(['e2']);
      expect(await list({ fromMs: Date.UTC(2026, 2, 11, 1, 2) })).toEqual(['e3', 'e2']);
      expect(await list({ beforeMs: Date.UTC(2026, 2, 11, 1, 2) })).toEqual(['e1', 'e9']);
    });

    it.each([1, 2, 3])('gives every record once in pages of %i', async (limit) => {
      for (const filter of [{}, { reason: 'not-json' as const }]) {
        const seen: (string | undefined)[] = [];
        for (let after: string | undefined; ;) {
          const page: Page<{ eventId?: string | undefined }> = await desk.list(filter, {
            limit,
            ...(after && { after }),
          });
          seen.push(...page.items.map(({ eventId }) => eventId));
          if (page.after === undefined) break;
          after = page.after;
        }
        expect(seen).toEqual(await list(filter));
      }
    });

    it('gives one record with its bytes, by id or by event id', async () => {
      const [listed] = (await desk.list({}, { limit: 1 })).items;
      const item = await desk.get(listed?.id ?? '');

      expect(item).toMatchObject({ ...record(3), state: 'open' });
      expect(await desk.findByEventId('e3')).toEqual([item]);
      expect(await desk.findByEventId('absent')).toEqual([]);
      expect(await desk.get('2026-03-11.00000000000000.00000000000000000000000000000000')).toBeUndefined();
    });

    it('settles a record once, and only in the state that was looked at', async () => {
      const [item] = await desk.findByEventId('e1');
      const id = item?.id ?? '';

      expect(await desk.resolve(id, discarded, 'W/"other"')).toBe('changed');
      expect(await desk.resolve(id, discarded, item?.etag)).toBe('resolved');
      expect(await desk.resolve(id, discarded)).toBe('already-resolved');
      expect(await desk.resolve(`${id.slice(0, -1)}x`, discarded)).toBe('unknown');

      expect(await list({ state: 'open' })).toEqual(['e3', 'e2', 'e9']);
      expect((await desk.list({ state: 'discarded' }, { limit: 5 })).items).toMatchObject([
        { id, resolution: discarded },
      ]);
    });

    it('keeps the resolution when the same event is put again', async () => {
      const [item] = await desk.findByEventId('e1');
      await desk.resolve(item?.id ?? '', discarded);

      await store.put([record(1)]);

      expect(await desk.get(item?.id ?? '')).toMatchObject({ state: 'discarded' });
    });
  });
}
