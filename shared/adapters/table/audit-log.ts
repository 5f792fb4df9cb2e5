import { createHash } from 'node:crypto';
import { AuditRecord } from '../../contracts/audit.js';
import { toContentHash } from '../../domain/identity.js';
import type { AuditLog } from '../../ports/audit-log.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { toNewestFirst } from './keys.js';
import { insertIfAbsent, listRows, type Row } from './requests.js';
import type { Tables } from './tables.js';

const monthsPartition = 'months';

/**
 * Audit records in Table Storage, written under two keys: the month, for all of them, and the target, for one.
 * The second is written first, so that a record in the list of all is never missing in that of its target.
 */
export function createTableAuditLog({ audit: table }: Tables): AuditLog {
  const knownMonths = new Set<string>();

  async function rememberMonth(month: string): Promise<void> {
    if (knownMonths.has(month)) return;
    const rowKey = `month!${toNewestFirst(Date.parse(`${month}-01`))}`;
    await insertIfAbsent(table, { partitionKey: monthsPartition, rowKey, Month: month });
    knownMonths.add(month);
  }

  async function listAll(limit: number): Promise<Row[]> {
    const rows: Row[] = [];
    for (const { Month: month } of await listRows(table, monthsPartition, { prefix: 'month!' })) {
      if (rows.length >= limit) break;
      rows.push(...(await listRows(table, `m!${String(month)}`, { prefix: 'at!', limit: limit - rows.length })));
    }
    return rows;
  }

  return {
    async append(record) {
      const atMs = Date.parse(record.at);
      const month = new Date(atMs).toISOString().slice(0, 7);
      const rowKey = `at!${toNewestFirst(atMs)}!${toContentHash(record).slice(0, 32)}`;
      const columns = { Actor: record.actor, Action: record.action, Target: record.target };
      const row = { rowKey, ...columns, ...toJsonColumns('Record', record) };
      await rememberMonth(month);
      await insertIfAbsent(table, { ...row, partitionKey: toTargetPartition(record.target) });
      await insertIfAbsent(table, { ...row, partitionKey: `m!${month}` });
    },

    async list({ limit, target }) {
      const rows =
        target === undefined
          ? await listAll(limit)
          : await listRows(table, toTargetPartition(target), { prefix: 'at!', limit });
      return rows.map((row) => AuditRecord.parse(fromJsonColumns('Record', row)));
    },
  };
}

/** Targets may hold characters that keys may not. */
function toTargetPartition(target: string): string {
  return `t!${createHash('sha256').update(target).digest('hex').slice(0, 32)}`;
}
