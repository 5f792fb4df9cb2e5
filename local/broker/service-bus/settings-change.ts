import { entityDisabled } from './access.js';
import {
  canReceive,
  type QueueDescription,
  type QueueSettings,
  type SubscriptionDescription,
  type TopicDescription,
} from './entities.js';
import type { MessageQueue } from './message-queue.js';
import {
  type Namespace,
  type QueueEntity,
  type SubscriptionEntity,
  toDeadLetterSettings,
  type TopicEntity,
} from './namespace.js';

interface Pair {
  readonly queue: MessageQueue;
  readonly deadLetters: MessageQueue;
}

/** Settings take effect at once: for what is sent, received and locked from now on. */
export function configureQueue(namespace: Namespace, entity: QueueEntity, description: QueueDescription): void {
  entity.description = description;
  entity.accessedAtMs = namespace.nowMs();
  entity.history.configure(description.duplicateWindowMs);
  configurePair(entity, description);
  if (!canReceive(description)) shutReceivers(namespace, entity, entity);
}

/** As for a queue; a topic that may not be received from has no receivers at any subscription. */
export function configureTopic(namespace: Namespace, entity: TopicEntity, description: TopicDescription): void {
  entity.description = description;
  entity.accessedAtMs = namespace.nowMs();
  entity.history.configure(description.duplicateWindowMs);
  if (canReceive(description)) return;
  for (const subscription of entity.subscriptions.values()) shutReceivers(namespace, subscription, entity);
}

/** As for a queue. */
export function configureSubscription(
  namespace: Namespace,
  entity: SubscriptionEntity,
  description: SubscriptionDescription,
): void {
  entity.description = description;
  entity.accessedAtMs = namespace.nowMs();
  configurePair(entity, description);
  if (!canReceive(description)) shutReceivers(namespace, entity, entity);
}

function configurePair({ queue, deadLetters }: Pair, settings: QueueSettings): void {
  queue.configure(settings);
  deadLetters.configure(toDeadLetterSettings(settings));
}

function shutReceivers(
  namespace: Namespace,
  { queue, deadLetters }: Pair,
  disabled: QueueEntity | SubscriptionEntity | TopicEntity,
): void {
  for (const { context } of [queue, deadLetters]) namespace.hooks.onShut(context.name, entityDisabled(disabled));
}
