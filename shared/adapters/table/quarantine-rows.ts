import { createHash } from 'node:crypto';
import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { z } from 'zod';
import { type QuarantineSummary, Resolution } from '../../contracts/quarantine-item.js';
import { QuarantineRecord } from '../../contracts/quarantine-record.js';
import { fromJsonColumns, toBinaryColumns, toJsonColumns } from './json-column.js';
import { toKeyHash, toNewestFirst } from './keys.js';
import type { Row } from './requests.js';

/** Bytes of body in one row: seven binary columns, well below the 1 MiB of an entity. */
const bodyBytesPerRow = 7 * 64 * 1024;

/** Partition and row key prefix of all records of a day, newest first. */
export const toDayPartition = (day: string): string => `q!${day}`;
export const eventPrefix = 'event!';
/** Prefix of one reason's index in a day's partition, newest first. */
export const toReasonPrefix = (reason: string): string => `reason!${reason}!`;
/** Partition of the index of records by the event id their bytes named. */
export const toEventPartition = (eventId: string): string => `e!${toKeyHash(eventId)}`;

/** The day whose partition a record is in, and the rest of its row key; both are a function of the record. */
export function toPlace({ origin, reason }: Pick<QuarantineRecord, 'origin' | 'reason'>): {
  day: string;
  rest: string;
} {
  const { hub, partition, sequenceNumber, enqueuedAt } = origin;
  // From the hub position, not the time of writing: the same event put twice is the same row.
  const position = createHash('sha256')
    .update(JSON.stringify([hub, partition, sequenceNumber, reason]))
    .digest('hex');
  return { day: enqueuedAt.slice(0, 10), rest: `${toNewestFirst(Date.parse(enqueuedAt))}!${position.slice(0, 32)}` };
}

export function toQuarantineId({ day, rest }: { day: string; rest: string }): string {
  return `${day}.${rest.replace('!', '.')}`;
}

/** The place an id names; any text gives one, and an id that was never given names nothing. */
export function fromQuarantineId(id: string): { day: string; rest: string } {
  const [day = '', time = '', hash = ''] = id.split('.');
  return { day, rest: `${time}!${hash}` };
}

export function toBodyRowKey(mainRowKey: string, index: number): string {
  return `body!${mainRowKey}!${String(index).padStart(3, '0')}`;
}

/** Index row by event id; in a partition of its own, so it is written before the record. */
export function toEventIndexRow(eventId: string, id: string): TableEntity {
  return { partitionKey: toEventPartition(eventId), rowKey: id };
}

/** A record with its bodies and index rows, to be inserted together. */
export function toQuarantineActions({ bodyBase64, ...record }: QuarantineRecord): TransactionAction[] {
  const { day, rest } = toPlace(record);
  const partitionKey = toDayPartition(day);
  const rowKey = eventPrefix + rest;
  const body = Buffer.from(bodyBase64, 'base64');
  const parts = Array.from({ length: Math.ceil(body.byteLength / bodyBytesPerRow) }, (_, index) =>
    body.subarray(index * bodyBytesPerRow, (index + 1) * bodyBytesPerRow),
  );
  const main: TableEntity = {
    partitionKey,
    rowKey,
    Reason: record.reason,
    State: 'open',
    EventId: record.eventId,
    Producer: record.producer,
    Port: record.port,
    BodyRows: parts.length,
    ...toJsonColumns('Record', record),
  };
  const bodies = parts.map((part, index): TransactionAction => {
    return ['create', { partitionKey, rowKey: toBodyRowKey(rowKey, index), ...toBinaryColumns('Body', part) }];
  });
  return [['create', main], ['create', { partitionKey, rowKey: toReasonPrefix(record.reason) + rest }], ...bodies];
}

const StoredRecord = QuarantineRecord.omit({ bodyBase64: true });
const StateColumn = z.enum(['open', 'resubmitted', 'discarded']).default('open');

/** The record a row holds, without its bytes. */
export function fromQuarantineRow(row: Row, day: string): QuarantineSummary {
  const record = StoredRecord.parse(fromJsonColumns('Record', row));
  const resolution = typeof row['Resolution'] === 'string' ? row['Resolution'] : undefined;
  return {
    ...record,
    id: toQuarantineId({ day, rest: String(row.rowKey).slice(eventPrefix.length) }),
    state: StateColumn.parse(row['State'] ?? undefined),
    ...(resolution !== undefined && { resolution: Resolution.parse(JSON.parse(resolution)) }),
    etag: row.etag,
  };
}
