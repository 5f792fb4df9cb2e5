import { entityNotFound } from '../amqp/amqp-error.js';
import { type JournalRecord, toRecord } from '../../journal/record.js';
import {
  type QueueDescription,
  queueDefaults,
  type QueueSpec,
  type RuleDescription,
  type Stamps,
  type SubscriptionDescription,
  subscriptionDefaults,
  type SubscriptionSpec,
  type TopicDescription,
  topicDefaults,
  type TopicSpec,
} from './entities.js';
import { type Namespace, type SubscriptionEntity, toEntityKey } from './namespace.js';
import { compileRule } from './routing.js';
import { configureQueue, configureSubscription, configureTopic } from './settings-change.js';

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
export async function createQueue(namespace: Namespace, spec: QueueSpec): Promise<CreateOutcome> {
  if (namespace.findTarget(spec.name)) return 'exists';
  const { description: d } = namespace.addQueue({ ...spec, ...newStamps(namespace) });
  await namespace.write({ t: 'queue', d } satisfies EntityOperation);
  return 'created';
}

/** Create a topic unless an entity of that name exists. Resolves when the journal has it. */
export async function createTopic(namespace: Namespace, spec: TopicSpec): Promise<CreateOutcome> {
  if (namespace.findTarget(spec.name)) return 'exists';
  const { description: d } = namespace.addTopic({ ...spec, ...newStamps(namespace) });
  await namespace.write({ t: 'topic', d } satisfies EntityOperation);
  return 'created';
}

/** Create a subscription with its first rules. @throws AmqpError when the topic does not exist or a rule is not valid */
export async function createSubscription(
  namespace: Namespace,
  spec: SubscriptionSpec,
  rules: RuleDescription[],
): Promise<CreateOutcome> {
  if (namespace.findSubscription(`${spec.topic}/Subscriptions/${spec.name}`)) return 'exists';
  const { description: d } = namespace.addSubscription({ ...spec, ...newStamps(namespace) }, rules);
  await namespace.write({ t: 'subscription', d, rules } satisfies EntityOperation);
  return 'created';
}

/** Give a queue other settings; false when there is none. Resolves when the journal has them. */
export async function updateQueue(namespace: Namespace, spec: QueueSpec): Promise<boolean> {
  const entity = namespace.queues.get(toEntityKey(spec.name));
  if (!entity) return false;
  configureQueue(namespace, entity, { ...spec, ...changedStamps(namespace, entity.description) });
  await namespace.write({ t: 'queue', d: entity.description } satisfies EntityOperation);
  return true;
}

/** Give a topic other settings; false when there is none. Resolves when the journal has them. */
export async function updateTopic(namespace: Namespace, spec: TopicSpec): Promise<boolean> {
  const entity = namespace.topics.get(toEntityKey(spec.name));
  if (!entity) return false;
  configureTopic(namespace, entity, { ...spec, ...changedStamps(namespace, entity.description) });
  await namespace.write({ t: 'topic', d: entity.description } satisfies EntityOperation);
  return true;
}

/** Give a subscription other settings; false when there is none. Resolves when the journal has them. */
export async function updateSubscription(namespace: Namespace, spec: SubscriptionSpec): Promise<boolean> {
  const entity = namespace.findSubscription(`${spec.topic}/Subscriptions/${spec.name}`);
  if (!entity) return false;
  configureSubscription(namespace, entity, { ...spec, ...changedStamps(namespace, entity.description) });
  await namespace.write(toSubscriptionOperation(entity));
  return true;
}

function newStamps(namespace: Namespace): Stamps {
  const nowMs = namespace.nowMs();
  return { createdAtMs: nowMs, updatedAtMs: nowMs };
}

function changedStamps(namespace: Namespace, { createdAtMs }: Stamps): Stamps {
  return { createdAtMs, updatedAtMs: namespace.nowMs() };
}

/** Remove a queue or topic with everything in it; false when there is none. */
export async function dropEntity(namespace: Namespace, kind: 'queue' | 'topic', name: string): Promise<boolean> {
  const existed = namespace.removeEntity(kind, name);
  if (existed) await namespace.write({ t: 'drop', kind, name } satisfies EntityOperation);
  return existed;
}

/** Remove a subscription with everything in it; false when there is none. */
export async function dropSubscription(namespace: Namespace, topic: string, name: string): Promise<boolean> {
  const existed = namespace.removeSubscription(topic, name);
  if (existed) await namespace.write({ t: 'dropSubscription', topic, name } satisfies EntityOperation);
  return existed;
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
  const subscription = namespace.findSubscription(address);
  if (!subscription) throw entityNotFound(address);
  return subscription;
}

function writeSubscription(namespace: Namespace, subscription: SubscriptionEntity): Promise<void> {
  return namespace.write(toSubscriptionOperation(subscription));
}

function toSubscriptionOperation({ description, rules }: SubscriptionEntity): EntityOperation {
  return { t: 'subscription', d: description, rules: [...rules.values()].map((rule) => rule.description) };
}

/** Do again what the journal says was done. */
export function replayEntityOperation(namespace: Namespace, operation: EntityOperation): void {
  switch (operation.t) {
    case 'queue':
      return replayQueue(namespace, { ...queueDefaults, ...newStamps(namespace), ...operation.d });
    case 'topic':
      return replayTopic(namespace, { ...topicDefaults, ...newStamps(namespace), ...operation.d });
    case 'subscription':
      return replaySubscription(namespace, operation);
    case 'drop':
      namespace.removeEntity(operation.kind, operation.name);
      return;
    case 'dropSubscription':
      namespace.removeSubscription(operation.topic, operation.name);
      return;
    default:
      return operation satisfies never;
  }
}

function replayQueue(namespace: Namespace, description: QueueDescription): void {
  const known = namespace.queues.get(toEntityKey(description.name));
  if (known) configureQueue(namespace, known, description);
  else namespace.addQueue(description);
}

function replayTopic(namespace: Namespace, description: TopicDescription): void {
  const known = namespace.topics.get(toEntityKey(description.name));
  if (known) configureTopic(namespace, known, description);
  else namespace.addTopic(description);
}

function replaySubscription(namespace: Namespace, operation: EntityOperation & { t: 'subscription' }): void {
  const d = { ...subscriptionDefaults, ...newStamps(namespace), ...operation.d };
  const known = namespace.findSubscription(`${d.topic}/Subscriptions/${d.name}`);
  if (known) configureSubscription(namespace, known, d);
  const entity = known ?? namespace.addSubscription(d, []);
  entity.rules.clear();
  for (const rule of operation.rules) entity.rules.set(toEntityKey(rule.name), compileRule(rule));
}

/** The entities as records, for compaction. */
export function* entityRecords(namespace: Namespace): Iterable<JournalRecord> {
  const record = (header: EntityOperation): JournalRecord => toRecord(header);
  for (const { description } of namespace.queues.values()) yield record({ t: 'queue', d: description });
  for (const { description, subscriptions } of namespace.topics.values()) {
    yield record({ t: 'topic', d: description });
    for (const subscription of subscriptions.values()) yield record(toSubscriptionOperation(subscription));
  }
}
