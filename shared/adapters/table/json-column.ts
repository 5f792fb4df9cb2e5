import { toRecordedJson } from '../../contracts/recorded-json.js';
import type { Signal } from '../../contracts/signal.js';
import type { Trigger } from '../../contracts/trigger.js';

/** Largest binary property of Table Storage. */
const chunkBytes = 64 * 1024;

/** Spread bytes over binary columns `<name>0`, `<name>1`, ... of at most 64 KiB each. */
export function toBinaryColumns(name: string, bytes: Uint8Array): Record<string, Uint8Array> {
  const count = Math.max(1, Math.ceil(bytes.byteLength / chunkBytes));
  const chunks = Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  return Object.fromEntries(chunks.map((chunk, index) => [`${name}${index}`, chunk]));
}

/** The bytes that `toBinaryColumns` spread. */
export function fromBinaryColumns(name: string, row: Readonly<Record<string, unknown>>): Buffer {
  const chunks: Uint8Array[] = [];
  for (let index = 0; ; index += 1) {
    const chunk = row[`${name}${index}`];
    if (!(chunk instanceof Uint8Array)) return Buffer.concat(chunks);
    chunks.push(chunk);
  }
}

/** A JSON value as binary columns. */
export function toJsonColumns(name: string, value: unknown): Record<string, Uint8Array> {
  return toBinaryColumns(name, Buffer.from(JSON.stringify(value)));
}

/** The same for a record whose JSON is also what the next function gets. */
export function toRecordedColumns(name: string, record: Signal | Trigger): Record<string, Uint8Array> {
  return toBinaryColumns(name, Buffer.from(toRecordedJson(record)));
}

/** The JSON value that either spread; the caller parses it with its schema. */
export function fromJsonColumns(name: string, row: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(fromBinaryColumns(name, row).toString('utf8'));
}
