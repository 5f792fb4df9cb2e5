import { touch } from './access.js';
import { dropEntity, dropSubscription } from './entity-store.js';
import type { Namespace, QueueEntity, SubscriptionEntity, TopicEntity } from './namespace.js';

type HasReceivers = (queue: string) => boolean;

/**
 * Remove entities nobody used for as long as they allow. An entity with receivers or scheduled messages is in use; a
 * restart counts as a use.
 */
export async function removeIdle(namespace: Namespace, hasReceivers: HasReceivers): Promise<void> {
  const nowMs = namespace.nowMs();
  const isIdle = (entity: QueueEntity | SubscriptionEntity | TopicEntity): boolean => {
    const { autoDeleteOnIdleMs } = entity.description;
    if (autoDeleteOnIdleMs === undefined) return false;
    if (isInUse(entity, hasReceivers)) touch(entity, nowMs);
    return nowMs - entity.accessedAtMs >= autoDeleteOnIdleMs;
  };
  for (const topic of [...namespace.topics.values()]) {
    const { name } = topic.description;
    for (const each of [...topic.subscriptions.values()]) {
      if (isIdle(each)) await dropSubscription(namespace, name, each.description.name);
    }
    if (isIdle(topic)) await dropEntity(namespace, 'topic', name);
  }
  for (const queue of [...namespace.queues.values()]) {
    if (isIdle(queue)) await dropEntity(namespace, 'queue', queue.description.name);
  }
}

function isInUse(entity: QueueEntity | SubscriptionEntity | TopicEntity, hasReceivers: HasReceivers): boolean {
  if ('subscriptions' in entity) return entity.scheduled.shelf.scheduledCount > 0;
  const { queue, deadLetters } = entity;
  if (hasReceivers(queue.context.name) || hasReceivers(deadLetters.context.name)) return true;
  return queue.shelf.scheduledCount > 0;
}
