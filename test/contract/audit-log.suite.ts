import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../shared/contracts/audit.js';
import type { AuditLog } from '../../shared/ports/audit-log.js';

function record(overrides: Partial<AuditRecord> = {}): AuditRecord {
  return {
    at: '2026-03-11T02:00:00.000Z',
    actor: 'ada@example.org',
    action: 'registry.apply',
    target: '000001-0123456789ab',
    reason: 'first version',
    details: { added: 3, keys: ['dp.sales.orders'], nested: { removed: null } },
    ...overrides,
  };
}

/** What every audit log promises. `open` gives an empty one. */
export function auditLogSuite(name: string, open: () => Promise<AuditLog>): void {
  describe(`audit log: ${name}`, () => {
    let log: AuditLog;
    beforeEach(async () => {
      log = await open();
    });

    it('keeps records whole and lists them newest first, across months', async () => {
      const older = record({ at: '2026-02-28T23:59:59.999Z' });
      const { reason: _, ...newer } = record({ at: '2026-03-11T02:00:00.001Z', action: 'registry.subscription.put' });
      await log.append(record());
      await log.append(older);
      await log.append(newer);

      expect((await log.list({ limit: 10 })).items).toEqual([newer, record(), older]);
      expect((await log.list({ limit: 2 })).items).toEqual([newer, record()]);
    });

    it('keeps the very same record once, and two that differ at the same instant both', async () => {
      await log.append(record());
      await log.append(record());
      await log.append(record({ actor: 'bob@example.org' }));

      expect((await log.list({ limit: 10 })).items).toHaveLength(2);
    });

    it('lists the records of one target, whatever characters its name holds', async () => {
      const target = 'sub/a#b?c\\d %';
      await log.append(record());
      await log.append(record({ target, at: '2025-12-31T23:00:00.000Z' }));

      expect((await log.list({ limit: 10, target })).items).toEqual([
        record({ target, at: '2025-12-31T23:00:00.000Z' }),
      ]);
    });

    it('gives every record once, page by page and across months, also what happened at the same instant', async () => {
      const days = ['2026-01-05', '2026-01-31', '2026-03-01', '2026-03-02'];
      const all = days.flatMap((day) =>
        ['ada', 'bob', 'eve'].map((actor) => record({ at: `${day}T02:00:00.000Z`, actor })),
      );
      for (const each of all) await log.append(each);

      for (const target of [undefined, record().target]) {
        const seen: AuditRecord[] = [];
        let after: string | undefined;
        do {
          const page = await log.list({ limit: 2, ...(target && { target }), ...(after && { after }) });
          seen.push(...page.items);
          after = page.after;
        } while (after !== undefined);
        expect(seen.map(({ at }) => at)).toEqual(all.map(({ at }) => at).reverse());
        expect(new Set(seen.map(({ at, actor }) => at + actor)).size).toBe(all.length);
      }
    });

    it('is empty before anything was done', async () => {
      expect((await log.list({ limit: 10 })).items).toEqual([]);
    });
  });
}
