import { decodeStoredFields } from '../amqp/message-codec.js';
import { type JournalRecord, toRecord } from '../../journal/record.js';
import type { StoredMessage } from './stored-message.js';

type StoredMeta = Omit<StoredMessage, 'wire' | 'fields'>;

/** What a queue writes down. Locks are not: a restart releases them. */
export type QueueOperation =
  | {
      readonly t: 'put';
      readonly q: string;
      readonly m: StoredMeta;
      readonly lengths: [number, number, number];
      readonly size: number;
      readonly fields: { partitionKey?: string; ttlMs?: number };
    }
  | { readonly t: 'del'; readonly q: string; readonly s: number }
  | { readonly t: 'count'; readonly q: string; readonly s: number; readonly n: number }
  | { readonly t: 'next'; readonly q: string; readonly s: number }
  | { readonly t: 'session'; readonly q: string; readonly id: string; readonly set: boolean };

/** A stored message as a journal record. */
export function toPutRecord(q: string, message: StoredMessage): JournalRecord {
  const { wire, fields, ...m } = message;
  const parts = [wire.properties, wire.applicationProperties ?? Buffer.alloc(0), wire.rest] as const;
  const { partitionKey, ttlMs } = fields;
  const header: QueueOperation = {
    t: 'put',
    q,
    m,
    lengths: [parts[0].length, parts[1].length, parts[2].length],
    size: wire.size,
    fields: { ...(partitionKey !== undefined && { partitionKey }), ...(ttlMs !== undefined && { ttlMs }) },
  };
  return { header, bytes: Buffer.concat(parts) };
}

/** The stored message a `put` record holds. */
export function fromPutRecord(header: Extract<QueueOperation, { t: 'put' }>, bytes: Buffer): StoredMessage {
  const [propertiesLength, applicationLength] = header.lengths;
  const properties = bytes.subarray(0, propertiesLength);
  const application = bytes.subarray(propertiesLength, propertiesLength + applicationLength);
  const rest = bytes.subarray(propertiesLength + applicationLength);
  const applicationProperties = applicationLength > 0 ? application : undefined;
  const wire = { properties, applicationProperties, rest, size: header.size };
  return { ...header.m, wire, fields: { ...decodeStoredFields(properties, applicationProperties), ...header.fields } };
}

/** Makes the records of a queue's operations. */
export interface QueueRecords {
  put(message: StoredMessage): JournalRecord;
  remove(sequenceNumber: number): JournalRecord;
  count(sequenceNumber: number, deliveryCount: number): JournalRecord;
  session(id: string, state: Buffer | undefined): JournalRecord;
}

/** The records of the queue `q` in a shared journal. */
export function recordsOf(q: string): QueueRecords {
  const record = (operation: QueueOperation, bytes?: Buffer): JournalRecord => toRecord(operation, bytes);
  return {
    put: (message) => toPutRecord(q, message),
    remove: (s) => record({ t: 'del', q, s }),
    count: (s, n) => record({ t: 'count', q, s, n }),
    session: (id, state) => record({ t: 'session', q, id, set: state !== undefined }, state),
  };
}
