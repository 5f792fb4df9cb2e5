import { changeMessage, type IncomingMessage, type MessageFields } from '../amqp/message-codec.js';

/** Where a message stands. Locked messages are `active` or `deferred` with a lock beside them. */
export type MessageState = 'active' | 'deferred' | 'scheduled';

/** A message an entity holds. */
export interface StoredMessage {
  readonly sequenceNumber: number;
  readonly enqueuedAtMs: number;
  readonly state: MessageState;
  /** Earlier deliveries that did not end in settlement. */
  readonly deliveryCount: number;
  readonly expiresAtMs?: number;
  /** When a scheduled message becomes active. */
  readonly dueAtMs?: number;
  /** For a dead-lettered message: the entity it comes from. */
  readonly deadLetterSource?: string;
  readonly wire: Pick<IncomingMessage, 'properties' | 'applicationProperties' | 'rest' | 'size'>;
  readonly fields: MessageFields;
}

/** A message under a lock. */
export interface Lock {
  readonly token: string;
  readonly sequenceNumber: number;
  readonly untilMs: number;
  readonly sessionId?: string;
}

/** A message handed to a receiver; `lock` is absent for receive-and-delete. */
export interface Handed {
  readonly message: StoredMessage;
  readonly lock?: Lock;
}

/** The message with application properties added or replaced; everything else keeps its bytes. */
export function withProperties(message: StoredMessage, properties: Readonly<Record<string, unknown>>): StoredMessage {
  if (Object.keys(properties).length === 0) return message;
  const { fields, ...wire } = changeMessage({ ...message.wire, fields: message.fields }, { properties });
  return { ...message, wire, fields };
}

/** A message as it enters a queue; scheduled when its time lies ahead, from where its time to live counts. */
export function toStoredMessage(
  message: IncomingMessage,
  entry: { sequenceNumber: number; nowMs: number; ttlMs?: number; deadLetterSource?: string },
): StoredMessage {
  const { sequenceNumber, nowMs, ttlMs, deadLetterSource } = entry;
  const { scheduledAtMs } = message.fields;
  const dueAtMs = scheduledAtMs !== undefined && scheduledAtMs > nowMs ? scheduledAtMs : undefined;
  const enqueuedAtMs = dueAtMs ?? nowMs;
  return {
    sequenceNumber,
    enqueuedAtMs,
    state: dueAtMs === undefined ? 'active' : 'scheduled',
    deliveryCount: 0,
    ...(ttlMs !== undefined && { expiresAtMs: enqueuedAtMs + ttlMs }),
    ...(dueAtMs !== undefined && { dueAtMs }),
    ...(deadLetterSource !== undefined && { deadLetterSource }),
    wire: message,
    fields: message.fields,
  };
}

/** Reason and text kept with a dead-lettered message, with further properties of the application's. */
export interface DeadLetterInfo {
  readonly reason?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** A message as it goes to a dead-letter queue, where it does not expire. */
export function toDeadLetter(message: StoredMessage, info: DeadLetterInfo): IncomingMessage {
  const { wire, fields } = withProperties(message, {
    ...info.properties,
    ...(info.reason !== undefined && { DeadLetterReason: info.reason }),
    ...(info.description !== undefined && { DeadLetterErrorDescription: info.description }),
  });
  const { ttlMs: _ttl, scheduledAtMs: _scheduled, ...kept } = fields;
  return { ...wire, fields: kept };
}

/** The smallest of the limits that are set. */
export function smallest(...values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
