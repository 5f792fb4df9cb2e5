import type { AuditRecord } from '../../contracts/audit.js';
import { toContentHash } from '../../domain/identity.js';
import type { AuditLog } from '../../ports/audit-log.js';

/** Audit records in memory, equal to those on Table Storage by contract suite. */
export function createMemoryAuditLog(): AuditLog {
  const records = new Map<string, AuditRecord>();
  return {
    append(record) {
      const id = toContentHash(record);
      if (!records.has(id)) records.set(id, structuredClone(record));
      return Promise.resolve();
    },
    list({ limit, target }) {
      const chosen = [...records.values()].filter((record) => target === undefined || record.target === target);
      chosen.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
      return Promise.resolve(structuredClone(chosen.slice(0, limit)));
    },
  };
}
