import { type AmqpError, entityNotFound } from '../amqp/amqp-error.js';
import type { Journal } from '../../journal/journal.js';
import { type JournalRecord, toRecord } from '../../journal/record.js';
import { DuplicateHistory } from './duplicate-history.js';
import type {
  QueueDescription,
  QueueSettings,
  RuleDescription,
  RuntimeCounts,
  SubscriptionDescription,
  TopicDescription,
} from './entities.js';
import { MessageQueue } from './message-queue.js';
import { type CompiledRule, compileRule } from './routing.js';

export const deadLetterSuffix = '/$DeadLetterQueue';

/** A queue with its dead-letter queue. */
export interface QueueEntity {
  description: QueueDescription;
  accessedAtMs: number;
  readonly queue: MessageQueue;
  readonly deadLetters: MessageQueue;
  readonly history: DuplicateHistory;
}

/** A subscription: its own copies of a topic's messages, and the rules that choose them. */
export interface SubscriptionEntity {
  description: SubscriptionDescription;
  accessedAtMs: number;
  readonly topic: TopicEntity;
  readonly queue: MessageQueue;
  readonly deadLetters: MessageQueue;
  readonly rules: Map<string, CompiledRule>;
}

/** A topic; `scheduled` holds messages whose time has not come, which wait here and not at the subscriptions. */
export interface TopicEntity {
  description: TopicDescription;
  accessedAtMs: number;
  readonly subscriptions: Map<string, SubscriptionEntity>;
  readonly scheduled: MessageQueue;
  readonly history: DuplicateHistory;
}

/** A queue of messages with the entity it is part of. */
export interface QueuePlace {
  readonly queue: MessageQueue;
  readonly owner: QueueEntity | SubscriptionEntity | TopicEntity;
}

/** What the namespace tells and asks whoever serves receivers. */
export interface NamespaceHooks {
  /** Something may have become receivable. */
  readonly onReady: (queue: string) => void;
  /** A queue's receivers must go: it was disabled or deleted. */
  readonly onShut: (queue: string, reason: AmqpError) => void;
}

/** Entity names are compared without regard to case. */
export const toEntityKey = (name: string): string => name.toLowerCase();

/** Topics only need a place for scheduled messages, which nobody locks. */
const scheduledSettings: QueueSettings = {
  lockDurationMs: 0,
  maxDeliveryCount: 1,
  requiresSession: false,
  deadLetteringOnMessageExpiration: false,
};

/** The queues and topics of one Service Bus namespace. */
export class Namespace {
  readonly queues = new Map<string, QueueEntity>();
  readonly topics = new Map<string, TopicEntity>();
  private readonly places = new Map<string, QueuePlace>();

  constructor(
    readonly journal: Journal,
    readonly nowMs: () => number,
    readonly hooks: NamespaceHooks,
  ) {}

  addQueue(description: QueueDescription): QueueEntity {
    const { name, duplicateWindowMs } = description;
    const history = new DuplicateHistory(name, duplicateWindowMs);
    const entity = { description, accessedAtMs: this.nowMs(), history, ...this.openPair(name, description) };
    this.queues.set(toEntityKey(name), entity);
    this.place(entity, entity.queue, entity.deadLetters);
    return entity;
  }

  addTopic(description: TopicDescription): TopicEntity {
    const { name, duplicateWindowMs } = description;
    const entity: TopicEntity = {
      description,
      accessedAtMs: this.nowMs(),
      subscriptions: new Map(),
      scheduled: this.openQueue(`${name}/$Scheduled`, scheduledSettings),
      history: new DuplicateHistory(name, duplicateWindowMs),
    };
    this.topics.set(toEntityKey(name), entity);
    this.place(entity, entity.scheduled);
    return entity;
  }

  /** @throws AmqpError when the topic does not exist, or a rule is not in the language */
  addSubscription(description: SubscriptionDescription, rules: readonly RuleDescription[]): SubscriptionEntity {
    const topic = this.topics.get(toEntityKey(description.topic));
    if (!topic) throw entityNotFound(description.topic);
    const compiled = new Map(rules.map((rule) => [toEntityKey(rule.name), compileRule(rule)]));
    const pair = this.openPair(`${description.topic}/Subscriptions/${description.name}`, description);
    const entity: SubscriptionEntity = { description, accessedAtMs: this.nowMs(), topic, ...pair, rules: compiled };
    topic.subscriptions.set(toEntityKey(description.name), entity);
    this.place(entity, entity.queue, entity.deadLetters);
    return entity;
  }

  /** Take a queue or topic away, its receivers too; false when there is none. */
  removeEntity(kind: 'queue' | 'topic', name: string): boolean {
    const key = toEntityKey(name);
    const queue = kind === 'queue' ? this.queues.get(key) : undefined;
    const topic = kind === 'topic' ? this.topics.get(key) : undefined;
    for (const { description } of topic?.subscriptions.values() ?? []) this.removeSubscription(name, description.name);
    this.shut(...(queue ? [queue.queue, queue.deadLetters] : []), ...(topic ? [topic.scheduled] : []));
    return (kind === 'queue' ? this.queues : this.topics).delete(key);
  }

  /** Take a subscription away, its receivers too; false when there is none. */
  removeSubscription(topic: string, name: string): boolean {
    const subscriptions = this.topics.get(toEntityKey(topic))?.subscriptions;
    const found = subscriptions?.get(toEntityKey(name));
    if (!subscriptions || !found) return false;
    this.shut(found.queue, found.deadLetters);
    return subscriptions.delete(toEntityKey(name));
  }

  /** The queue, subscription or dead-letter queue at an address, or a topic's place for scheduled messages. */
  findPlace(address: string): QueuePlace | undefined {
    return this.places.get(toEntityKey(address));
  }

  /** The queue or topic messages can be sent to. */
  findTarget(address: string): QueueEntity | TopicEntity | undefined {
    return this.queues.get(toEntityKey(address)) ?? this.topics.get(toEntityKey(address));
  }

  /** The subscription at an address `<topic>/Subscriptions/<name>`. */
  findSubscription(address: string): SubscriptionEntity | undefined {
    const [topic, name] = address.split(/\/Subscriptions\//i);
    if (topic === undefined || name === undefined) return undefined;
    return this.topics.get(toEntityKey(topic))?.subscriptions.get(toEntityKey(name));
  }

  counts({ queue, deadLetters }: { queue: MessageQueue; deadLetters: MessageQueue }): RuntimeCounts {
    const [alive, dead] = [queue.shelf.counts(), deadLetters.shelf.counts()];
    return { ...alive, deadLetter: dead.active, sizeBytes: alive.sizeBytes + dead.sizeBytes };
  }

  /** Every queue there is, topics' scheduled messages included. */
  *allQueues(): Iterable<MessageQueue> {
    for (const { queue } of this.places.values()) yield queue;
  }

  /** What must be in the journal for the remembered message ids, for compaction. */
  *records(): Iterable<JournalRecord> {
    for (const { history } of [...this.queues.values(), ...this.topics.values()]) yield* history.records(this.nowMs());
  }

  /** Write entity operations down. */
  write(...operations: object[]): Promise<void> {
    return this.journal.append(operations.map((operation) => toRecord(operation)));
  }

  private openPair(name: string, settings: QueueSettings): { queue: MessageQueue; deadLetters: MessageQueue } {
    const deadLetters = this.openQueue(name + deadLetterSuffix, toDeadLetterSettings(settings));
    return { queue: this.openQueue(name, settings, deadLetters), deadLetters };
  }

  private openQueue(name: string, settings: QueueSettings, deadLetters?: MessageQueue): MessageQueue {
    const { journal, nowMs, hooks } = this;
    const onReady = (): void => hooks.onReady(name);
    return new MessageQueue({ name, journal, nowMs, onReady, ...(deadLetters && { deadLetters }) }, settings);
  }

  private place(owner: QueuePlace['owner'], ...queues: MessageQueue[]): void {
    for (const queue of queues) this.places.set(toEntityKey(queue.context.name), { queue, owner });
  }

  private shut(...queues: MessageQueue[]): void {
    for (const { context } of queues) {
      this.places.delete(toEntityKey(context.name));
      this.hooks.onShut(context.name, entityNotFound(context.name));
    }
  }
}

/** Dead letters do not expire and are in no session. */
export function toDeadLetterSettings({ defaultTtlMs: _never, ...settings }: QueueSettings): QueueSettings {
  return { ...settings, requiresSession: false };
}
