import type { TableClient } from '@azure/data-tables';
import type { Page, PageRequest } from '../../ports/page.js';
import type { QuarantineItem, QuarantineSummary } from '../../contracts/quarantine-item.js';
import type { QuarantineDesk, QuarantineFilter } from '../../ports/quarantine-desk.js';
import { toNewestFirst, toPrefixEnd } from './keys.js';
import {
  eventPrefix,
  fromQuarantineId,
  fromQuarantineRow,
  toDayPartition,
  toEventPartition,
  toReasonPrefix,
} from './quarantine-rows.js';
import { dayPrefix, daysPartition, readBody } from './quarantine-store.js';
import { findRow, listRows, type Row, transact } from './requests.js';
import type { Tables } from './tables.js';
import { walkRange } from './walk.js';

/** Days looked at for one page; a page that ends earlier says where to go on. */
const daysPerPage = 31;

/** People's side of the quarantine in Table Storage. */
export function createTableQuarantineDesk({ quarantine: table }: Tables): QuarantineDesk {
  async function get(id: string): Promise<QuarantineItem | undefined> {
    const row = await findMain(table, id);
    return row && { ...fromQuarantineRow(row, fromQuarantineId(id).day), bodyBase64: await readBody(table, row) };
  }

  return {
    list: (filter, page) => listRecords(table, filter, page),
    get,

    async findByEventId(eventId) {
      // Ids begin with a year.
      const rows = await listRows(table, toEventPartition(eventId), { prefix: '2' });
      const items = await Promise.all(rows.map((row) => get(String(row.rowKey))));
      return items.filter((item) => item !== undefined);
    },

    async resolve(id, resolution, etag) {
      const row = await findMain(table, id);
      if (row === undefined) return 'unknown';
      if ((row['State'] ?? 'open') !== 'open') return 'already-resolved';
      if (etag !== undefined && etag !== row.etag) return 'changed';
      const change = {
        partitionKey: String(row.partitionKey),
        rowKey: String(row.rowKey),
        State: resolution.state,
        Resolution: JSON.stringify(resolution),
      };
      const { applied } = await transact(table, [['update', change, 'Merge', { etag: row.etag }]]);
      return applied ? 'resolved' : 'changed';
    },
  };
}

function findMain(table: TableClient, id: string): Promise<Row | undefined> {
  const { day, rest } = fromQuarantineId(id);
  return findRow(table, toDayPartition(day), eventPrefix + rest);
}

/** Day by day; the key to go on behind is a day and, within it, a rest of key. */
async function listRecords(
  table: TableClient,
  filter: QuarantineFilter,
  { limit, after }: PageRequest,
): Promise<Page<QuarantineSummary>> {
  const [afterDay, afterRest] = after === undefined ? [] : after.split('|');
  const items: QuarantineSummary[] = [];
  const days = await listDays(table, filter, afterDay);
  for (const [index, day] of days.entries()) {
    if (index >= daysPerPage) return { items, after: `${days[index - 1]}|~` };
    const behind = day === afterDay && afterRest !== undefined ? { after: afterRest } : {};
    const own = { limit: limit - items.length, ...behind };
    const listed = await listDay(table, { day, filter }, own);
    items.push(...listed.flatMap(({ item }) => (item ? [item] : [])));
    const last = listed.at(-1);
    if (last && listed.length >= own.limit) return { items, after: `${day}|${last.rest}` };
  }
  return { items };
}

async function listDays(
  table: TableClient,
  { fromMs, beforeMs }: QuarantineFilter,
  notAfter: string | undefined,
): Promise<string[]> {
  const rows = await listRows(table, daysPartition, { prefix: dayPrefix });
  const first = fromMs === undefined ? '' : new Date(fromMs).toISOString().slice(0, 10);
  const last = beforeMs === undefined ? '9999' : new Date(beforeMs - 1).toISOString().slice(0, 10);
  const days = rows.map((row) => String(row['Day']));
  return days.filter((day) => day >= first && day <= last && (notAfter === undefined || day <= notAfter));
}

/** One day's records, without their bytes. */
async function listDay(
  table: TableClient,
  { day, filter }: { day: string; filter: QuarantineFilter },
  page: PageRequest,
): Promise<Listed[]> {
  const { reason } = filter;
  const partition = toDayPartition(day);
  const range = { partition, ...toTimeBounds(filter), ...(page.after !== undefined && { after: page.after }) };
  if (reason === undefined) {
    const walked = await walkRange(table, { ...range, prefix: eventPrefix, where: toColumns(filter) }, page.limit);
    return walked.map(({ row, rest }) => ({ rest, item: fromQuarantineRow(row, day) }));
  }
  const walked = await walkRange(table, { ...range, prefix: toReasonPrefix(reason) }, page.limit);
  const rows = await Promise.all(walked.map(({ rest }) => findRow(table, partition, eventPrefix + rest)));
  return walked.map(({ rest }, index) => {
    const row = rows[index];
    const item = row && fromQuarantineRow(row, day);
    return { rest, ...(item && isWanted(item, filter) && { item }) };
  });
}

interface Listed {
  readonly rest: string;
  /** Absent when the filter does not want it. */
  readonly item?: QuarantineSummary;
}

function toTimeBounds({ fromMs, beforeMs }: QuarantineFilter): { from?: string; end?: string } {
  return {
    ...(beforeMs !== undefined && { from: toNewestFirst(beforeMs - 1) }),
    ...(fromMs !== undefined && { end: toPrefixEnd(`${toNewestFirst(fromMs)}!`) }),
  };
}

function toColumns({ state, producer, port }: QuarantineFilter): Record<string, string> {
  return {
    ...(state !== undefined && { State: state }),
    ...(producer !== undefined && { Producer: producer }),
    ...(port !== undefined && { Port: port }),
  };
}

function isWanted(item: QuarantineSummary, { state, producer, port }: QuarantineFilter): boolean {
  if (state !== undefined && item.state !== state) return false;
  if (producer !== undefined && item.producer !== producer) return false;
  return port === undefined || item.port === port;
}
