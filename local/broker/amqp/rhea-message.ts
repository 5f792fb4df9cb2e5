import rhea, { type Sender } from 'rhea';

/** A message as rhea decodes it; members are absent when the sender left them out. */
export interface DecodedMessage {
  readonly message_id?: string | number | Buffer;
  readonly user_id?: string | Buffer;
  readonly to?: string;
  readonly subject?: string;
  readonly reply_to?: string;
  readonly correlation_id?: string | number | Buffer;
  readonly content_type?: string;
  readonly content_encoding?: string;
  readonly absolute_expiry_time?: number;
  readonly creation_time?: number;
  readonly group_id?: string;
  readonly group_sequence?: number;
  readonly reply_to_group_id?: string;
  readonly ttl?: number;
  readonly delivery_count?: number;
  readonly message_annotations?: Record<string, unknown>;
  readonly delivery_annotations?: Record<string, unknown>;
  readonly application_properties?: Record<string, unknown>;
  readonly body?: unknown;
}

/** Decode an encoded message, or some of its sections. */
export function decodeMessage(bytes: Buffer): DecodedMessage {
  // rhea's own typing of this call names an internal class; the members are these.
  return rhea.message.decode(bytes) as unknown as DecodedMessage;
}

/** Encode a message; values may be rhea's typed wrappers. */
export function encodeMessage(message: DecodedMessage): Buffer {
  return rhea.message.encode({ ...message, body: message.body ?? null } as Parameters<typeof rhea.message.encode>[0]);
}

/** A message as rhea's `send` wants it. */
export function toSendable(message: DecodedMessage): Parameters<Sender['send']>[0] {
  return message as unknown as Parameters<Sender['send']>[0]; // typed wrappers are not in the typings
}

/** Typed AMQP values, for fields whose width matters to clients. */
export const amqp = {
  long: (value: number): unknown => rhea.types.wrap_long(value),
  int: (value: number): unknown => rhea.types.wrap_int(value),
  uint: (value: number): unknown => rhea.types.wrap_uint(value),
  short: (value: number): unknown => rhea.types.wrap_short(value),
  ulong: (value: number): unknown => rhea.types.wrap_ulong(value),
  timestamp: (value: number): unknown => rhea.types.wrap_timestamp(value),
  string: (value: string): unknown => rhea.types.wrap_string(value),
  uuid: (value: Buffer): unknown => rhea.types.wrap_uuid(value),
  timestamps: (values: number[]): unknown => rhea.types.wrap_array(values, 0x83, undefined),
  longs: (values: number[]): unknown => rhea.types.wrap_array(values, 0x81, undefined),
  strings: (values: string[]): unknown => rhea.types.wrap_array(values, 0xa1, undefined),
  described: (descriptor: number, value: unknown): unknown => rhea.types.wrap_described(value, descriptor),
  list: (values: unknown[]): unknown => rhea.types.wrap_list(values),
};
