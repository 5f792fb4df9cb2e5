import type { IncomingMessage, MessageFields } from '../amqp/message-codec.js';

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
