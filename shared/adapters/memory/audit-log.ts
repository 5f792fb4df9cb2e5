import type { AuditRecord } from '../../contracts/audit.js';
import { toContentHash } from '../../domain/identity.js';
import type { AuditLog } from '../../ports/audit-log.js';
import { toMemoryPage, toNewestFirstText } from './page.js';

/** Audit records in memory, equal to those on Table Storage by contract suite. */
export function createMemoryAuditLog(): AuditLog {
  const records = new Map<string, AuditRecord>();
  return {
    append(record) {
      const id = toContentHash(record);
      if (!records.has(id)) records.set(id, structuredClone(record));
      return Promise.resolve();
    },
    list({ target, ...page }) {
      const chosen = [...records].filter(([, record]) => target === undefined || record.target === target);
      const toKey = ([id, { at }]: [string, AuditRecord]): string => `${toNewestFirstText(Date.parse(at))}!${id}`;
      const { items, ...next } = toMemoryPage(chosen, toKey, page);
      return Promise.resolve({ items: items.map(([, record]) => structuredClone(record)), ...next });
    },
  };
}
