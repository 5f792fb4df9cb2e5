import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { QuarantineRecord } from '../../shared/contracts/quarantine-record.js';
import type { QuarantineStore } from '../../shared/ports/quarantine-store.js';
import { origin } from '../fixtures/events.js';

function record(sequence: number, overrides: Partial<QuarantineRecord> = {}): QuarantineRecord {
  return {
    reason: 'not-json',
    problems: [{ path: '$', message: 'not JSON' }],
    bodyBase64: Buffer.from('{"a":').toString('base64'),
    origin: { ...origin(sequence), enqueuedAt: new Date(Date.UTC(2026, 2, 11, 1, 0, sequence)).toISOString() },
    receivedAt: '2026-03-11T02:00:00.000Z',
    quarantinedAt: '2026-03-11T02:00:00.000Z',
    ...overrides,
  };
}

/** What every quarantine store promises. `open` gives an empty store. */
export function quarantineStoreSuite(name: string, open: () => Promise<QuarantineStore>): void {
  describe(`quarantine store: ${name}`, () => {
    let store: QuarantineStore;
    beforeEach(async () => {
      store = await open();
    });

    it('keeps records whole and lists them newest first', async () => {
      await store.put([record(1, { eventId: 'e1', producer: 'dp.a.b' }), record(2)]);

      expect(await store.list({ limit: 10 })).toEqual([record(2), record(1, { eventId: 'e1', producer: 'dp.a.b' })]);
    });

    it('keeps the same event with the same reason once', async () => {
      await store.put([record(1)]);
      await store.put([record(1, { quarantinedAt: '2026-03-11T03:00:00.000Z' })]);

      expect(await store.list({ limit: 10 })).toEqual([record(1)]);
    });

    it.each([0, 1, 65_536, 1_048_576])('gives back a body of %i bytes bit by bit', async (size) => {
      const bodyBase64 = randomBytes(size).toString('base64');

      await store.put([record(1, { bodyBase64 })]);

      expect((await store.list({ limit: 1 }))[0]?.bodyBase64).toBe(bodyBase64);
    });

    it('lists by reason, and across days', async () => {
      const yesterday = record(3, {
        reason: 'too-large',
        origin: { ...origin(3), enqueuedAt: '2026-03-10T09:00:00.000Z' },
      });
      await store.put([record(1), yesterday, record(2)]);

      expect(await store.list({ limit: 10, reason: 'too-large' })).toEqual([yesterday]);
      expect((await store.list({ limit: 10 })).at(-1)).toEqual(yesterday);
      expect(await store.list({ limit: 1 })).toHaveLength(1);
    });
  });
}
