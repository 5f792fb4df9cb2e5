import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegistryStore } from '../../shared/ports/registry-store.js';
import { registryDocument, subscription } from '../fixtures/events.js';

const stamp = { appliedAt: '2026-03-11T00:00:00.000Z', appliedBy: 'ada' };

/** What every registry store promises. `open` gives an empty store. */
export function registryStoreSuite(name: string, open: () => Promise<RegistryStore>): void {
  describe(`registry store: ${name}`, () => {
    let store: RegistryStore;
    beforeEach(async () => {
      store = await open();
    });

    it('has no pointer before the first apply', async () => {
      expect(await store.pointer()).toBeUndefined();
    });

    it('publishes a version and swaps the pointer to it', async () => {
      const document = registryDocument();

      expect(await store.publish({ version: '000001-a', document, expected: undefined, ...stamp })).toBe(true);

      expect(await store.pointer()).toMatchObject({ version: '000001-a', ...stamp });
      expect(await store.load('000001-a')).toEqual(document);
    });

    it('refuses when somebody else applied in between, and leaves theirs in force', async () => {
      const document = registryDocument();
      await store.publish({ version: '000001-a', document, expected: undefined, ...stamp });
      const expected = await store.pointer();
      await store.publish({ version: '000002-b', document, expected, ...stamp });

      expect(await store.publish({ version: '000002-c', document, expected, ...stamp })).toBe(false);
      expect(await store.publish({ version: '000001-d', document, expected: undefined, ...stamp })).toBe(false);
      expect((await store.pointer())?.version).toBe('000002-b');
    });

    it('keeps a document that is far larger than one row', async () => {
      const subscriptions = Array.from({ length: 2_000 }, (_, n) =>
        subscription({ key: `sub.finance.revenue.s${n}`, note: randomBytes(600).toString('base64') }),
      );
      const document = registryDocument(subscriptions);

      await store.publish({ version: '000001-big', document, expected: undefined, ...stamp });

      expect(await store.load('000001-big')).toEqual(document);
    });

    it('lists the versions that have been in force, newest first, without those that were overtaken', async () => {
      const document = registryDocument();
      await store.publish({ version: '000001-a', document, expected: undefined, ...stamp, reason: 'first' });
      const first = await store.pointer();
      await store.publish({ version: '000002-lost', document, expected: undefined, ...stamp });
      await store.publish({ version: '000002-b', document, expected: first, ...stamp });

      expect(await store.versions({ limit: 10 })).toEqual([
        { version: '000002-b', base: '000001-a', ...stamp },
        { version: '000001-a', ...stamp, reason: 'first' },
      ]);
      expect(await store.versions({ limit: 1 })).toHaveLength(1);
    });
  });
}
