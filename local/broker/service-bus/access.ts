import { AmqpError } from '../amqp/amqp-error.js';
import { canReceive, canSend } from './entities.js';
import type { QueueEntity, SubscriptionEntity, TopicEntity } from './namespace.js';

type Entity = QueueEntity | SubscriptionEntity | TopicEntity;

/** The refusal of an entity whose status does not allow what was asked. */
export function entityDisabled({ description }: Entity): AmqpError {
  const path = 'topic' in description ? `${description.topic}/Subscriptions/${description.name}` : description.name;
  return new AmqpError(
    'com.microsoft:entity-disabled',
    `The messaging entity '${path}' is currently disabled (${description.status}).`,
    403,
  );
}

/** @throws AmqpError when the entity takes no messages */
export function requireSendable(target: QueueEntity | TopicEntity): void {
  if (!canSend(target.description)) throw entityDisabled(target);
}

/** @throws AmqpError when nothing may be received, settled or peeked: the entity or its topic is disabled for it */
export function requireReceivable(owner: Entity): void {
  if (!canReceive(owner.description)) throw entityDisabled(owner);
  if ('rules' in owner && !canReceive(owner.topic.description)) throw entityDisabled(owner.topic);
}

/** Note that an entity is in use; a subscription's use is its topic's too. */
export function touch(entity: Entity, nowMs: number): void {
  entity.accessedAtMs = nowMs;
  if ('rules' in entity) entity.topic.accessedAtMs = nowMs;
}
