import type { TableClient } from '@azure/data-tables';
import { QuarantineRecord } from '../../contracts/quarantine-record.js';
import type { QuarantineStore } from '../../ports/quarantine-store.js';
import { fromBinaryColumns, fromJsonColumns } from './json-column.js';
import { toNewestFirst } from './keys.js';
import {
  eventPrefix,
  toBodyRowKey,
  toDayPartition,
  toEventIndexRow,
  toPlace,
  toQuarantineActions,
  toQuarantineId,
} from './quarantine-rows.js';
import { findRow, insertIfAbsent, listRows, type Row, transact } from './requests.js';
import type { Tables } from './tables.js';

/** Partition that lists the days that have records, newest first. */
export const daysPartition = 'days';
export const dayPrefix = 'day!';
const toDayRest = (day: string): string => toNewestFirst(Date.parse(day));

/** Quarantine in Table Storage: one partition per day, and a small partition that lists the days. */
export function createTableQuarantineStore({ quarantine: table }: Tables): QuarantineStore {
  const knownDays = new Set<string>();

  async function rememberDay(day: string): Promise<void> {
    if (knownDays.has(day)) return;
    await insertIfAbsent(table, { partitionKey: daysPartition, rowKey: dayPrefix + toDayRest(day), Day: day });
    knownDays.add(day);
  }

  /** Rows in other partitions come first: whoever finds one without its record knows that the put is not over. */
  async function putOne(record: QuarantineRecord): Promise<void> {
    const place = toPlace(record);
    await rememberDay(place.day);
    if (record.eventId !== undefined)
      await insertIfAbsent(table, toEventIndexRow(record.eventId, toQuarantineId(place)));
    await transact(table, toQuarantineActions(record));
  }

  async function listDay(day: string, query: { limit: number; reason?: string }): Promise<QuarantineRecord[]> {
    const partitionKey = toDayPartition(day);
    const rows = await listRows(table, partitionKey, { prefix: eventPrefix });
    const chosen = rows.filter((row) => query.reason === undefined || row['Reason'] === query.reason);
    return Promise.all(
      chosen.slice(0, query.limit).map(async (row) => {
        const bodyBase64 = await readBody(table, row);
        return QuarantineRecord.parse({ ...(fromJsonColumns('Record', row) as object), bodyBase64 });
      }),
    );
  }

  return {
    async put(records) {
      await Promise.all(records.map(putOne));
    },

    async list(query) {
      const days = await listRows(table, daysPartition, { prefix: dayPrefix });
      const records: QuarantineRecord[] = [];
      for (const { Day: day } of days) {
        if (records.length >= query.limit) break;
        records.push(...(await listDay(String(day), { ...query, limit: query.limit - records.length })));
      }
      return records;
    },
  };
}

/** The bytes that belong to a record's row, base64. */
export async function readBody(table: TableClient, main: Row): Promise<string> {
  const chunks: Buffer[] = [];
  for (let index = 0; index < Number(main['BodyRows']); index += 1) {
    const row = await findRow(table, String(main.partitionKey), toBodyRowKey(String(main.rowKey), index));
    chunks.push(row ? fromBinaryColumns('Body', row) : Buffer.alloc(0));
  }
  return Buffer.concat(chunks).toString('base64');
}
