import { entityNotFound } from '../amqp/amqp-error.js';
import type { JournalRecord } from '../journal/record.js';
import type { QueueDescription, RuleDescription, SubscriptionDescription, TopicDescription } from './entities.js';
import { type Namespace, type SubscriptionEntity, toEntityKey } from './namespace.js';
import { compileRule } from './routing.js';

/** A change of the entities, as the journal holds it: each names the whole new state of what it is about. */
export type EntityOperation =
  | { readonly t: 'queue'; readonly d: QueueDescription }
  | { readonly t: 'topic'; readonly d: TopicDescription }
  | { readonly t: 'subscription'; readonly d: SubscriptionDescription; readonly rules: RuleDescription[] }
  | { readonly t: 'drop'; readonly kind: 'queue' | 'topic'; readonly name: string }
  | { readonly t: 'dropSubscription'; readonly topic: string; readonly name: string };

export type CreateOutcome = 'created' | 'exists';

/** The rule every subscription starts with unless told otherwise. */
export function defaultRule(createdAtMs: number): RuleDescription {
  return { name: '$Default', filter: { kind: 'true' }, createdAtMs };
}

/** Create a queue unless an entity of that name exists. Resolves when the journal has it. */
export async function createQueue(namespace: Namespace, d: QueueDescription): Promise<CreateOutcome> {
  if (namespace.findTarget(d.name)) return 'exists';
  namespace.addQueue(d);
  await namespace.journal.append({ t: 'queue', d } satisfies EntityOperation);
  return 'created';
}

/** Create a topic unless an entity of that name exists. Resolves when the journal has it. */
export async function createTopic(namespace: Namespace, d: TopicDescription): Promise<CreateOutcome> {
  if (namespace.findTarget(d.name)) return 'exists';
  namespace.addTopic(d);
  await namespace.journal.append({ t: 'topic', d } satisfies EntityOperation);
  return 'created';
}

/** Create a subscription with its first rules. @throws AmqpError when the topic does not exist */
export async function createSubscription(
  namespace: Namespace,
  d: SubscriptionDescription,
  rules: RuleDescription[],
): Promise<CreateOutcome> {
  if (findSubscription(namespace, `${d.topic}/Subscriptions/${d.name}`)) return 'exists';
  if (!namespace.topics.has(toEntityKey(d.topic))) throw entityNotFound(d.topic);
  namespace.addSubscription(d, rules);
  await namespace.journal.append({ t: 'subscription', d, rules } satisfies EntityOperation);
  return 'created';
}

/** Remove a queue or topic with everything in it; false when there is none. */
export async function dropEntity(namespace: Namespace, kind: 'queue' | 'topic', name: string): Promise<boolean> {
  const existed = (kind === 'queue' ? namespace.queues : namespace.topics).delete(toEntityKey(name));
  if (existed) await namespace.journal.append({ t: 'drop', kind, name } satisfies EntityOperation);
  return existed;
}

/** Remove a subscription with everything in it; false when there is none. */
export async function dropSubscription(namespace: Namespace, topic: string, name: string): Promise<boolean> {
  const existed = namespace.topics.get(toEntityKey(topic))?.subscriptions.delete(toEntityKey(name)) ?? false;
  if (existed) await namespace.journal.append({ t: 'dropSubscription', topic, name } satisfies EntityOperation);
  return existed;
}

/** The subscription at an address `<topic>/Subscriptions/<name>`. */
export function findSubscription(namespace: Namespace, address: string): SubscriptionEntity | undefined {
  const [topic, name] = address.split(/\/Subscriptions\//i);
  if (topic === undefined || name === undefined) return undefined;
  return namespace.topics.get(toEntityKey(topic))?.subscriptions.get(toEntityKey(name));
}

/** Add a rule; `exists` when one has that name. @throws FilterSyntaxError */
export async function addRule(namespace: Namespace, address: string, rule: RuleDescription): Promise<CreateOutcome> {
  const subscription = requireSubscription(namespace, address);
  if (subscription.rules.has(toEntityKey(rule.name))) return 'exists';
  return putRule(namespace, address, rule).then(() => 'created');
}

/** Add or replace a rule. @throws FilterSyntaxError */
export async function putRule(namespace: Namespace, address: string, rule: RuleDescription): Promise<void> {
  const subscription = requireSubscription(namespace, address);
  subscription.rules.set(toEntityKey(rule.name), compileRule(rule));
  await writeSubscription(namespace, subscription);
}

/** Remove a rule; false when there is none. */
export async function removeRule(namespace: Namespace, address: string, name: string): Promise<boolean> {
  const subscription = requireSubscription(namespace, address);
  if (!subscription.rules.delete(toEntityKey(name))) return false;
  await writeSubscription(namespace, subscription);
  return true;
}

function requireSubscription(namespace: Namespace, address: string): SubscriptionEntity {
  const subscription = findSubscription(namespace, address);
  if (!subscription) throw entityNotFound(address);
  return subscription;
}

function writeSubscription(namespace: Namespace, subscription: SubscriptionEntity): Promise<void> {
  return namespace.journal.append(toSubscriptionOperation(subscription));
}

function toSubscriptionOperation({ description, rules }: SubscriptionEntity): EntityOperation {
  return { t: 'subscription', d: description, rules: [...rules.values()].map((rule) => rule.description) };
}

/** Do again what the journal says was done. */
export function replayEntityOperation(namespace: Namespace, operation: EntityOperation): void {
  switch (operation.t) {
    case 'queue':
      if (!namespace.findTarget(operation.d.name)) namespace.addQueue(operation.d);
      return;
    case 'topic':
      if (!namespace.findTarget(operation.d.name)) namespace.addTopic(operation.d);
      return;
    case 'subscription':
      return replaySubscription(namespace, operation);
    case 'drop':
      (operation.kind === 'queue' ? namespace.queues : namespace.topics).delete(toEntityKey(operation.name));
      return;
    case 'dropSubscription':
      namespace.topics.get(toEntityKey(operation.topic))?.subscriptions.delete(toEntityKey(operation.name));
      return;
    default:
      return operation satisfies never;
  }
}

function replaySubscription(namespace: Namespace, { d, rules }: EntityOperation & { t: 'subscription' }): void {
  const known = findSubscription(namespace, `${d.topic}/Subscriptions/${d.name}`);
  const entity = known ?? namespace.addSubscription(d, []);
  entity.rules.clear();
  for (const rule of rules) entity.rules.set(toEntityKey(rule.name), compileRule(rule));
}

/** The entities as records, for compaction. */
export function* entityRecords(namespace: Namespace): Iterable<JournalRecord> {
  const record = (header: EntityOperation): JournalRecord => ({ header, bytes: Buffer.alloc(0) });
  for (const { description } of namespace.queues.values()) yield record({ t: 'queue', d: description });
  for (const { description, subscriptions } of namespace.topics.values()) {
    yield record({ t: 'topic', d: description });
    for (const subscription of subscriptions.values()) yield record(toSubscriptionOperation(subscription));
  }
}
