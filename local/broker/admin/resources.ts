import {
  createQueue,
  createSubscription,
  createTopic,
  defaultRule,
  dropEntity,
  dropSubscription,
  putRule,
  removeRule,
  updateQueue,
  updateSubscription,
  updateTopic,
} from '../service-bus/entity-store.js';
import type { Namespace } from '../service-bus/namespace.js';
import { toEntityKey } from '../service-bus/namespace.js';
import type { AtomEntry, Xml } from './atom.js';
import { writeQueue, writeSubscription, writeTopic } from './descriptions.js';
import { readQueue, readSubscription, readTopic } from './read-settings.js';
import { readRule, writeRule } from './rules.js';

/** What a PUT came to. */
export type PutOutcome = 'created' | 'updated' | 'exists' | 'missing';

/** A managed thing behind a path. `put` with `update` changes what is there, without it makes something new. */
export interface Resource {
  readonly kind: string;
  read(): AtomEntry | undefined;
  put(xml: Xml, update: boolean): Promise<PutOutcome>;
  remove(): Promise<boolean>;
}

/**
 * The queue or topic at a path; what a PUT creates is told by the description it carries. A DELETE names a path only,
 * so it takes whichever is there: clients send the same request for both kinds.
 */
export function entityResource(
  namespace: Namespace,
  name: string,
  kind: 'QueueDescription' | 'TopicDescription',
): Resource {
  const key = toEntityKey(name);
  return {
    kind,
    read() {
      const queue = namespace.queues.get(key);
      if (queue)
        return { path: queue.description.name, kind: 'QueueDescription', description: writeQueue(namespace, queue) };
      const topic = namespace.topics.get(key);
      return topic && { path: topic.description.name, kind: 'TopicDescription', description: writeTopic(topic) };
    },
    put: (xml, update) =>
      kind === 'QueueDescription'
        ? putQueue(namespace, name, { xml, update })
        : putTopic(namespace, name, { xml, update }),
    async remove() {
      return (await dropEntity(namespace, 'queue', name)) || dropEntity(namespace, 'topic', name);
    },
  };
}

interface Change {
  readonly xml: Xml;
  readonly update: boolean;
}

async function putQueue(namespace: Namespace, name: string, { xml, update }: Change): Promise<PutOutcome> {
  if (!update) return createQueue(namespace, readQueue(name, xml));
  const known = namespace.queues.get(toEntityKey(name))?.description;
  if (!known) return 'missing';
  await updateQueue(namespace, readQueue(known.name, xml, known));
  return 'updated';
}

async function putTopic(namespace: Namespace, name: string, { xml, update }: Change): Promise<PutOutcome> {
  if (!update) return createTopic(namespace, readTopic(name, xml));
  const known = namespace.topics.get(toEntityKey(name))?.description;
  if (!known) return 'missing';
  await updateTopic(namespace, readTopic(known.name, xml, known));
  return 'updated';
}

/** A subscription of a topic. */
export function subscriptionResource(namespace: Namespace, topic: string, name: string): Resource {
  const address = `${topic}/Subscriptions/${name}`;
  const kind = 'SubscriptionDescription';
  return {
    kind,
    read() {
      const found = namespace.findSubscription(address);
      return found && { path: address, kind, description: writeSubscription(namespace, found) };
    },
    async put(xml, update) {
      if (!update) return create(namespace, { topic, name }, xml);
      const known = namespace.findSubscription(address)?.description;
      if (!known) return 'missing';
      await updateSubscription(namespace, readSubscription(known, xml, known));
      return 'updated';
    },
    remove: () => dropSubscription(namespace, topic, name),
  };
}

function create(namespace: Namespace, path: { topic: string; name: string }, xml: Xml): Promise<PutOutcome> {
  const given = xml['DefaultRuleDescription'];
  const nowMs = namespace.nowMs();
  const rule =
    typeof given === 'object' && given !== null
      ? readRule(toRuleName(given as Xml), given as Xml, nowMs)
      : defaultRule(nowMs);
  return createSubscription(namespace, readSubscription(path, xml), [rule]);
}

function toRuleName({ Name: name }: Xml): string {
  return typeof name === 'string' ? name : '$Default';
}

/** A rule of a subscription. */
export function ruleResource(namespace: Namespace, address: string, name: string): Resource {
  return {
    kind: 'RuleDescription',
    read() {
      const rule = namespace.findSubscription(address)?.rules.get(toEntityKey(name));
      return rule && toRuleEntry(address, rule.description.name, writeRule(rule.description));
    },
    async put(xml, update) {
      const known = namespace.findSubscription(address)?.rules.has(toEntityKey(name)) ?? false;
      if (known !== update) return known ? 'exists' : 'missing';
      await putRule(namespace, address, readRule(name, xml, namespace.nowMs()));
      return known ? 'updated' : 'created';
    },
    remove: () => removeRule(namespace, address, name),
  };
}

function toRuleEntry(address: string, name: string, description: Xml): AtomEntry {
  return { path: `${address}/Rules/${name}`, kind: 'RuleDescription', description };
}

/** Everything below a listing path, in order of creation; undefined when its parent does not exist. */
export function listEntries(namespace: Namespace, path: string): AtomEntry[] | undefined {
  switch (path.toLowerCase()) {
    case '$resources/queues':
      return listKind(namespace, namespace.queues.values(), 'QueueDescription');
    case '$resources/topics':
      return listKind(namespace, namespace.topics.values(), 'TopicDescription');
    default:
      return listRules(namespace, path) ?? listSubscriptions(namespace, path);
  }
}

function listKind(
  namespace: Namespace,
  entities: Iterable<{ description: { name: string } }>,
  kind: 'QueueDescription' | 'TopicDescription',
): AtomEntry[] {
  return [...entities].flatMap(({ description }) => readAll(entityResource(namespace, description.name, kind)));
}

function listRules(namespace: Namespace, path: string): AtomEntry[] | undefined {
  const address = /^(.+\/Subscriptions\/[^/]+)\/Rules\/?$/i.exec(path)?.[1];
  const rules = address === undefined ? undefined : namespace.findSubscription(address)?.rules;
  if (address === undefined || rules === undefined) return undefined;
  return [...rules.values()].map(({ description }) => toRuleEntry(address, description.name, writeRule(description)));
}

function listSubscriptions(namespace: Namespace, path: string): AtomEntry[] | undefined {
  const name = /^(.+)\/Subscriptions\/?$/i.exec(path)?.[1];
  const topic = name === undefined ? undefined : namespace.topics.get(toEntityKey(name));
  return (
    topic &&
    [...topic.subscriptions.values()].flatMap(({ description }) =>
      readAll(subscriptionResource(namespace, topic.description.name, description.name)),
    )
  );
}

function readAll(resource: Resource): AtomEntry[] {
  const entry = resource.read();
  return entry ? [entry] : [];
}
