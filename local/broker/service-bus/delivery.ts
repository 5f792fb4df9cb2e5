import { encodeDelivery } from '../amqp/message-codec.js';
import { amqp } from '../amqp/rhea-message.js';
import type { Handed, MessageState, StoredMessage } from './stored-message.js';

/** Wire values of a message's state. */
const stateCodes: Readonly<Record<MessageState, number>> = { active: 0, deferred: 1, scheduled: 2 };

/** Encode a message as a receiver gets it: its own bytes under the broker's header and annotations. */
export function toDeliveryBytes({ message, lock }: Handed): Buffer {
  return encodeDelivery(message.wire, {
    deliveryCount: message.deliveryCount,
    ...(message.fields.ttlMs !== undefined && { ttlMs: message.fields.ttlMs }),
    annotations: {
      ...toAnnotations(message),
      ...(lock && { 'x-opt-locked-until': amqp.timestamp(lock.untilMs) }),
    },
  });
}

function toAnnotations(message: StoredMessage): Record<string, unknown> {
  const { partitionKey } = message.fields;
  return {
    'x-opt-sequence-number': amqp.long(message.sequenceNumber),
    'x-opt-enqueue-sequence-number': amqp.long(message.sequenceNumber),
    'x-opt-enqueued-time': amqp.timestamp(message.enqueuedAtMs),
    'x-opt-message-state': amqp.int(stateCodes[message.state]),
    ...(partitionKey !== undefined && { 'x-opt-partition-key': partitionKey }),
    ...(message.dueAtMs !== undefined && { 'x-opt-scheduled-enqueue-time': amqp.timestamp(message.dueAtMs) }),
    ...(message.deadLetterSource !== undefined && { 'x-opt-deadletter-source': message.deadLetterSource }),
  };
}
