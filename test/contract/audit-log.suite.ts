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

      expect(await log.list({ limit: 10 })).toEqual([newer, record(), older]);
      expect(await log.list({ limit: 2 })).toEqual([newer, record()]);
    });

    it('keeps the very same record once, and two that differ at the same instant both', async () => {
      await log.append(record());
      await log.append(record());
      await log.append(record({ actor: 'bob@example.org' }));

      expect(await log.list({ limit: 10 })).toHaveLength(2);
    });

    it('lists the records of one target, whatever characters its name holds', async () => {
      const target = 'sub/a#b?c\\d %';
      await log.append(record());
      await log.append(record({ target, at: '2025-12-31T23:00:00.000Z' }));

      expect(await log.list({ limit: 10, target })).toEqual([record({ target, at: '2025-12-31T23:00:00.000Z' })]);
    });

    it('is empty before anything was done', async () => {
      expect(await log.list({ limit: 10 })).toEqual([]);
    });
  });
}
