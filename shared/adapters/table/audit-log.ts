import { createHash } from 'node:crypto';
import { AuditRecord } from '../../contracts/audit.js';
import { toContentHash } from '../../domain/identity.js';
import type { AuditLog } from '../../ports/audit-log.js';
import type { PageRequest } from '../../ports/page.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { fromNewestFirst, toNewestFirst } from './keys.js';
import { insertIfAbsent, listRows } from './requests.js';
import type { Tables } from './tables.js';
import { type Range, type Walked, walkRange } from './walk.js';

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

  /** Month by month; a month that lies before the page's key has nothing behind it. */
  async function walkAll({ limit, ...behind }: PageRequest): Promise<Walked[]> {
    const walked: Walked[] = [];
    const first = behind.after === undefined ? undefined : toMonth(fromNewestFirst(behind.after));
    for (const { Month } of await listRows(table, monthsPartition, { prefix: 'month!' })) {
      const month = String(Month);
      if (first !== undefined && month > first) continue;
      if (walked.length >= limit) break;
      walked.push(...(await walkRange(table, toRange(`m!${month}`, behind), limit - walked.length)));
    }
    return walked;
  }

  return {
    async append(record) {
      const atMs = Date.parse(record.at);
      const month = toMonth(atMs);
      const rowKey = `at!${toNewestFirst(atMs)}!${toContentHash(record).slice(0, 32)}`;
      const columns = { Actor: record.actor, Action: record.action, Target: record.target };
      const row = { rowKey, ...columns, ...toJsonColumns('Record', record) };
      await rememberMonth(month);
      await insertIfAbsent(table, { ...row, partitionKey: toTargetPartition(record.target) });
      await insertIfAbsent(table, { ...row, partitionKey: `m!${month}` });
    },

    async list({ target, ...page }) {
      const walked =
        target === undefined
          ? await walkAll(page)
          : await walkRange(table, toRange(toTargetPartition(target), page), page.limit);
      const items = walked.map(({ row }) => AuditRecord.parse(fromJsonColumns('Record', row)));
      const last = walked.at(-1);
      return last && walked.length >= page.limit ? { items, after: last.rest } : { items };
    },
  };
}

/** Rest of a key behind it: the time, newest first, and a hash. The same in every partition. */
function toRange(partition: string, { after }: { after?: string }): Range {
  return { partition, prefix: 'at!', ...(after !== undefined && { after }) };
}

function toMonth(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** Targets may hold characters that keys may not. */
function toTargetPartition(target: string): string {
  return `t!${createHash('sha256').update(target).digest('hex').slice(0, 32)}`;
}
