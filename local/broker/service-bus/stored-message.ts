import { encodeApplicationProperties, type IncomingMessage, type MessageFields } from '../amqp/message-codec.js';

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

/** The message with application properties added or replaced; only that section is encoded anew. */
export function withProperties(message: StoredMessage, changes: Readonly<Record<string, unknown>>): StoredMessage {
  if (Object.keys(changes).length === 0) return message;
  const applicationProperties = { ...message.fields.applicationProperties, ...changes };
  const encoded = encodeApplicationProperties(applicationProperties);
  return {
    ...message,
    wire: { ...message.wire, applicationProperties: encoded },
    fields: { ...message.fields, applicationProperties },
  };
}
