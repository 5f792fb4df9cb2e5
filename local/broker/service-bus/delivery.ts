import { encodeDelivery } from '../amqp/message-codec.js';
import type { Annotation } from '../amqp/stamp-writer.js';
import type { Handed, MessageState } from './stored-message.js';

/** Wire values of a message's state. */
const stateCodes: Readonly<Record<MessageState, number>> = { active: 0, deferred: 1, scheduled: 2 };

/** Encode a message as a receiver gets it: its own bytes under the broker's header and annotations. */
export function toDeliveryBytes({ message, lock }: Handed): Buffer {
  const { deliveryCount, fields, sequenceNumber } = message;
  const annotations: Annotation[] = [
    ['x-opt-sequence-number', 'long', sequenceNumber],
    ['x-opt-enqueue-sequence-number', 'long', sequenceNumber],
    ['x-opt-enqueued-time', 'timestamp', message.enqueuedAtMs],
    ['x-opt-message-state', 'int', stateCodes[message.state]],
  ];
  if (fields.partitionKey !== undefined) annotations.push(['x-opt-partition-key', 'string', fields.partitionKey]);
  if (message.dueAtMs !== undefined) annotations.push(['x-opt-scheduled-enqueue-time', 'timestamp', message.dueAtMs]);
  if (message.deadLetterSource !== undefined) {
    annotations.push(['x-opt-deadletter-source', 'string', message.deadLetterSource]);
  }
  if (lock) annotations.push(['x-opt-locked-until', 'timestamp', lock.untilMs]);
  const header = fields.ttlMs === undefined ? { deliveryCount } : { deliveryCount, ttlMs: fields.ttlMs };
  return encodeDelivery(message.wire, { header, annotations });
}
