import {
  createQueue,
  createSubscription,
  createTopic,
  defaultRule,
  dropEntity,
  dropSubscription,
  findSubscription,
  putRule,
  removeRule,
} from '../service-bus/entity-store.js';
import type { Namespace } from '../service-bus/namespace.js';
import { toEntityKey } from '../service-bus/namespace.js';
import type { AtomEntry, Xml } from './atom.js';
import { readQueue, readSubscription, readTopic, writeQueue, writeSubscription, writeTopic } from './descriptions.js';
import { readRule, writeRule } from './rules.js';

/** A managed thing behind a path. `put` tells whether it made something new. */
export interface Resource {
  readonly kind: string;
  read(): AtomEntry | undefined;
  put(xml: Xml, update: boolean): Promise<'created' | 'updated' | 'exists'>;
  remove(): Promise<boolean>;
}

/** The queue or topic at a path; what a PUT creates is told by the description it carries. */
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
    async put(xml, update) {
      if (update) return updateEntity(namespace, name, xml);
      const outcome =
        kind === 'QueueDescription'
          ? createQueue(namespace, readQueue(name, xml))
          : createTopic(namespace, readTopic(name, xml));
      return outcome;
    },
    async remove() {
      return (await dropEntity(namespace, 'queue', name)) || dropEntity(namespace, 'topic', name);
    },
  };
}

/** What may change on a living entity is its metadata; the rest is fixed at creation here. */
async function updateEntity(namespace: Namespace, name: string, xml: Xml): Promise<'updated' | 'exists'> {
  const entity = namespace.findTarget(name);
  const userMetadata = xml['UserMetadata'];
  if (!entity) return 'exists';
  const metadata = typeof userMetadata === 'string' ? { userMetadata } : {};
  if ('queue' in entity) {
    entity.description = { ...entity.description, ...metadata };
    await namespace.journal.append({ t: 'queue', d: entity.description });
  } else {
    entity.description = { ...entity.description, ...metadata };
    await namespace.journal.append({ t: 'topic', d: entity.description });
  }
  return 'updated';
}

/** A subscription of a topic. */
export function subscriptionResource(namespace: Namespace, topic: string, name: string): Resource {
  const address = `${topic}/Subscriptions/${name}`;
  return {
    kind: 'SubscriptionDescription',
    read() {
      const found = findSubscription(namespace, address);
      return (
        found && { path: address, kind: 'SubscriptionDescription', description: writeSubscription(namespace, found) }
      );
    },
    async put(xml, update) {
      if (update) return 'updated';
      const given = xml['DefaultRuleDescription'];
      const nowMs = namespace.nowMs();
      const rule =
        typeof given === 'object' && given !== null
          ? readRule(toRuleName(given as Xml), given as Xml, nowMs)
          : defaultRule(nowMs);
      return createSubscription(namespace, readSubscription(topic, name, xml), [rule]);
    },
    remove: () => dropSubscription(namespace, topic, name),
  };
}

function toRuleName({ Name: name }: Xml): string {
  return typeof name === 'string' ? name : '$Default';
}

/** A rule of a subscription. */
export function ruleResource(namespace: Namespace, address: string, name: string): Resource {
  return {
    kind: 'RuleDescription',
    read() {
      const rule = findSubscription(namespace, address)?.rules.get(toEntityKey(name));
      return rule && toRuleEntry(address, rule.description.name, writeRule(rule.description));
    },
    async put(xml, update) {
      const known = findSubscription(namespace, address)?.rules.has(toEntityKey(name));
      if (known && !update) return 'exists';
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
  const rules = address === undefined ? undefined : findSubscription(namespace, address)?.rules;
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
