import { createHash } from 'node:crypto';
import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { QuarantineRecord } from '../../contracts/quarantine-record.js';
import type { QuarantineStore } from '../../ports/quarantine-store.js';
import { fromBinaryColumns, fromJsonColumns, toBinaryColumns, toJsonColumns } from './json-column.js';
import { toNewestFirst } from './keys.js';
import { findRow, insertIfAbsent, listRows, type Row, transact } from './requests.js';
import type { Tables } from './tables.js';

/** Bytes of body in one row: seven binary columns, well below the 1 MiB of an entity. */
const bodyBytesPerRow = 7 * 64 * 1024;
const daysPartition = 'days';

/** Quarantine in Table Storage: one partition per day, and a small partition that lists the days. */
export function createTableQuarantineStore({ quarantine: table }: Tables): QuarantineStore {
  const knownDays = new Set<string>();

  async function rememberDay(day: string): Promise<void> {
    if (knownDays.has(day)) return;
    await insertIfAbsent(table, { partitionKey: daysPartition, rowKey: toDayRowKey(day), Day: day });
    knownDays.add(day);
  }

  async function putOne(record: QuarantineRecord): Promise<void> {
    const day = record.origin.enqueuedAt.slice(0, 10);
    await rememberDay(day);
    await transact(table, toActions(record, `q!${day}`));
  }

  async function readBody(partitionKey: string, main: Row): Promise<string> {
    const chunks: Buffer[] = [];
    for (let index = 0; index < Number(main['BodyRows']); index += 1) {
      const row = await findRow(table, partitionKey, toBodyRowKey(String(main.rowKey), index));
      chunks.push(row ? fromBinaryColumns('Body', row) : Buffer.alloc(0));
    }
    return Buffer.concat(chunks).toString('base64');
  }

  async function listDay(day: string, query: { limit: number; reason?: string }): Promise<QuarantineRecord[]> {
    const partitionKey = `q!${day}`;
    const rows = await listRows(table, partitionKey, { prefix: 'event!' });
    const chosen = rows.filter((row) => query.reason === undefined || row['Reason'] === query.reason);
    return Promise.all(
      chosen.slice(0, query.limit).map(async (row) => {
        const bodyBase64 = await readBody(partitionKey, row);
        return QuarantineRecord.parse({ ...(fromJsonColumns('Record', row) as object), bodyBase64 });
      }),
    );
  }

  return {
    async put(records) {
      await Promise.all(records.map(putOne));
    },

    async list(query) {
      const days = await listRows(table, daysPartition, { prefix: 'day!' });
      const records: QuarantineRecord[] = [];
      for (const { Day: day } of days) {
        if (records.length >= query.limit) break;
        records.push(...(await listDay(String(day), { ...query, limit: query.limit - records.length })));
      }
      return records;
    },
  };
}

function toDayRowKey(day: string): string {
  return `day!${toNewestFirst(Date.parse(day))}`;
}

function toBodyRowKey(mainRowKey: string, index: number): string {
  return `body!${mainRowKey}!${String(index).padStart(3, '0')}`;
}

/** Keys come from the hub position, not from the time of writing: the same event put twice is the same rows. */
function toActions({ bodyBase64, ...record }: QuarantineRecord, partitionKey: string): TransactionAction[] {
  const { hub, partition, sequenceNumber, enqueuedAt } = record.origin;
  const position = createHash('sha256')
    .update(JSON.stringify([hub, partition, sequenceNumber, record.reason]))
    .digest('hex');
  const rowKey = `event!${toNewestFirst(Date.parse(enqueuedAt))}!${position.slice(0, 32)}`;
  const body = Buffer.from(bodyBase64, 'base64');
  const parts = Array.from({ length: Math.ceil(body.byteLength / bodyBytesPerRow) }, (_, index) =>
    body.subarray(index * bodyBytesPerRow, (index + 1) * bodyBytesPerRow),
  );
  const main: TableEntity = {
    partitionKey,
    rowKey,
    Reason: record.reason,
    EventId: record.eventId,
    Producer: record.producer,
    Port: record.port,
    BodyRows: parts.length,
    ...toJsonColumns('Record', record),
  };
  const bodies = parts.map((part, index): TransactionAction => {
    return ['create', { partitionKey, rowKey: toBodyRowKey(rowKey, index), ...toBinaryColumns('Body', part) }];
  });
  return [['create', main], ...bodies];
}
