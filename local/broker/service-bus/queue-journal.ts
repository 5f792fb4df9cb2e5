import { decodeStoredFields } from '../amqp/message-codec.js';
import type { Journal } from '../journal/journal.js';
import type { JournalRecord } from '../journal/record.js';
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
export function toPutRecord(q: string, message: StoredMessage): JournalRecord & { header: QueueOperation } {
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

/** Appends a queue's operations. */
export interface QueueLog {
  put(message: StoredMessage): Promise<void>;
  remove(sequenceNumber: number): Promise<void>;
  count(sequenceNumber: number, deliveryCount: number): Promise<void>;
  session(id: string, state: Buffer | undefined): Promise<void>;
}

/** The log of the queue `q` in a shared journal. */
export function openQueueLog(journal: Journal, q: string): QueueLog {
  const append = (operation: QueueOperation, bytes?: Buffer): Promise<void> => journal.append(operation, bytes);
  return {
    put(message) {
      const record = toPutRecord(q, message);
      return append(record.header, record.bytes);
    },
    remove: (s) => append({ t: 'del', q, s }),
    count: (s, n) => append({ t: 'count', q, s, n }),
    session: (id, state) => append({ t: 'session', q, id, set: state !== undefined }, state),
  };
}
