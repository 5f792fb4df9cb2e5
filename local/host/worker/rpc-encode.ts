import type { RpcTypedData } from './rpc.js';

/** How bodies reach the function: `dataType: 'binary'` of its trigger, or text (which the library JSON-parses). */
export type DataType = 'binary' | 'string';

/** One body as the host sends it to a Node worker. */
export function toBody(body: Uint8Array, dataType: DataType): RpcTypedData {
  return dataType === 'binary' ? { bytes: body } : { string: toText(body) };
}

/** The bodies of a batch. Text bodies that are empty disappear unless `keepEmpty`, as on the platform. */
export function toBodies(bodies: readonly Uint8Array[], dataType: DataType, keepEmpty: boolean): RpcTypedData {
  return dataType === 'binary' ? { collectionBytes: { bytes: bodies } } : toStrings(bodies.map(toText), keepEmpty);
}

/** A string array. The platform drops null and empty entries unless the app announced that it keeps them. */
export function toStrings(values: readonly (string | undefined)[], keepEmpty: boolean): RpcTypedData {
  const strings = values.map((value) => value ?? '');
  return { collectionString: { string: keepEmpty ? strings : strings.filter((value) => value !== '') } };
}

/** A single string; absent stays absent. */
export function toStringData(value: string | undefined): RpcTypedData {
  return value === undefined ? {} : { string: value };
}

/** Any other value, as the JSON that the platform's serializer writes: bytes as base64, times as ISO text. */
export function toJson(value: unknown): RpcTypedData {
  return { json: JSON.stringify(toPlain(value)) ?? 'null' };
}

function toText(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

function toPlain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return toNumber(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  if (isLong(value)) return toNumber((BigInt(value.high) << 32n) | BigInt(value.low >>> 0));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPlain(member)]));
}

function toNumber(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}

/** The form in which the SDKs hand over 64-bit integers. */
function isLong(value: object): value is { readonly low: number; readonly high: number } {
  return 'low' in value && 'high' in value && typeof value.low === 'number' && typeof value.high === 'number';
}
