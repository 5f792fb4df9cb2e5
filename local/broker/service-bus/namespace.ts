import { AmqpError } from '../amqp/amqp-error.js';
import type { IncomingMessage } from '../amqp/message-codec.js';
import type { Journal } from '../journal/journal.js';
import type { JournalRecord } from '../journal/record.js';
import { DuplicateHistory } from './duplicate-history.js';
import type {
  QueueDescription,
  RuleDescription,
  RuntimeCounts,
  SubscriptionDescription,
  TopicDescription,
  WaitingSettings,
} from './entities.js';
import { MessageQueue } from './message-queue.js';
import { openQueueLog } from './queue-journal.js';
import { type CompiledRule, compileRule, routeCopies } from './routing.js';

export const deadLetterSuffix = '/$DeadLetterQueue';

/** A queue with its dead-letter queue. */
export interface QueueEntity {
  description: QueueDescription;
  readonly queue: MessageQueue;
  readonly deadLetters: MessageQueue;
  readonly history: DuplicateHistory;
}

/** A subscription: its own copies of a topic's messages, and the rules that choose them. */
export interface SubscriptionEntity {
  description: SubscriptionDescription;
  readonly queue: MessageQueue;
  readonly deadLetters: MessageQueue;
  readonly rules: Map<string, CompiledRule>;
}

/** A topic; `scheduled` holds messages whose time has not come, which wait here and not at the subscriptions. */
export interface TopicEntity {
  description: TopicDescription;
  readonly subscriptions: Map<string, SubscriptionEntity>;
  readonly scheduled: MessageQueue;
  readonly history: DuplicateHistory;
}

/** Entity names are compared without regard to case. */
export const toEntityKey = (name: string): string => name.toLowerCase();

/** The queues and topics of one Service Bus namespace. */
export class Namespace {
  readonly queues = new Map<string, QueueEntity>();
  readonly topics = new Map<string, TopicEntity>();

  constructor(
    readonly journal: Journal,
    readonly nowMs: () => number,
    private readonly onReady: (queue: string) => void,
  ) {}

  addQueue(description: QueueDescription): QueueEntity {
    const { queue, deadLetters } = this.openPair(description.name, description);
    const entity = { description, queue, deadLetters, history: this.openHistory(description.name, description) };
    this.queues.set(toEntityKey(description.name), entity);
    return entity;
  }

  addTopic(description: TopicDescription): TopicEntity {
    const settings = {
      lockDurationMs: 0,
      maxDeliveryCount: 1,
      requiresSession: false,
      deadLetteringOnMessageExpiration: false,
    };
    const scheduled = this.openQueue(`${description.name}/$Scheduled`, settings);
    const history = this.openHistory(description.name, description);
    const entity: TopicEntity = { description, subscriptions: new Map(), scheduled, history };
    this.topics.set(toEntityKey(description.name), entity);
    return entity;
  }

  addSubscription(description: SubscriptionDescription, rules: readonly RuleDescription[]): SubscriptionEntity {
    const topic = this.topics.get(toEntityKey(description.topic));
    if (!topic) throw new AmqpError('amqp:not-found', `topic ${description.topic} does not exist`, 404);
    const name = `${description.topic}/Subscriptions/${description.name}`;
    const pair = this.openPair(name, description);
    const compiled = new Map(rules.map((rule) => [toEntityKey(rule.name), compileRule(rule)]));
    const entity: SubscriptionEntity = { description, ...pair, rules: compiled };
    topic.subscriptions.set(toEntityKey(description.name), entity);
    return entity;
  }

  /** The queue, subscription or dead-letter queue at an address. */
  findQueue(address: string): MessageQueue | undefined {
    const key = toEntityKey(address);
    return this.allQueues().find((queue) => toEntityKey(queue.context.name) === key);
  }

  /** The queue or topic messages can be sent to. */
  findTarget(address: string): QueueEntity | TopicEntity | undefined {
    return this.queues.get(toEntityKey(address)) ?? this.topics.get(toEntityKey(address));
  }

  /**
   * Accept messages for a queue or topic, all or none. Resolves with their sequence numbers when the journal has them;
   * a duplicate is accepted and dropped (number 0). @throws AmqpError
   */
  async send(target: QueueEntity | TopicEntity, messages: readonly IncomingMessage[]): Promise<number[]> {
    if ('queue' in target) checkSessions(target, messages);
    const nowMs = this.nowMs();
    const writes: Promise<void>[] = [];
    const sequences = messages.map((message) => {
      if (target.history.isDuplicate(message.fields.messageId, nowMs)) return 0;
      writes.push(target.history.remember(message.fields.messageId, nowMs));
      return 'queue' in target ? enqueue(target.queue, message, writes) : this.publish(target, message, writes);
    });
    await Promise.all(writes);
    return sequences;
  }

  /** Do what time has made due in every entity. */
  tick(): void {
    for (const queue of this.allQueues()) queue.tick();
    for (const topic of this.topics.values()) {
      topic.scheduled.tick();
      for (let due = topic.scheduled.take({ deleting: true }); due; due = topic.scheduled.take({ deleting: true })) {
        const { scheduledAtMs: _due, ...fields } = due.message.fields;
        const writes: Promise<void>[] = [];
        this.fanOut(topic, { ...due.message.wire, fields }, writes);
        const { sequenceNumber } = due.message;
        // The copies are written before the original is struck out: a crash in between repeats, never loses.
        Promise.all(writes)
          .then(() => topic.scheduled.remove(sequenceNumber))
          .catch(() => undefined);
      }
    }
  }

  counts({ queue, deadLetters }: { queue: MessageQueue; deadLetters: MessageQueue }): RuntimeCounts {
    return { ...queue.counts(), deadLetter: deadLetters.counts().active };
  }

  /** Every queue that can be received from. */
  allQueues(): MessageQueue[] {
    const subscriptions = [...this.topics.values()].flatMap((topic) => [...topic.subscriptions.values()]);
    return [...this.queues.values(), ...subscriptions].flatMap(({ queue, deadLetters }) => [queue, deadLetters]);
  }

  private publish(topic: TopicEntity, message: IncomingMessage, writes: Promise<void>[]): number {
    const { scheduledAtMs } = message.fields;
    if (scheduledAtMs !== undefined && scheduledAtMs > this.nowMs()) return enqueue(topic.scheduled, message, writes);
    return this.fanOut(topic, message, writes);
  }

  private fanOut(topic: TopicEntity, message: IncomingMessage, writes: Promise<void>[]): number {
    let last = 0;
    for (const subscription of topic.subscriptions.values()) {
      for (const copy of routeCopies(subscription.rules.values(), message)) {
        const options = topic.description.defaultTtlMs === undefined ? {} : { ttlMs: topic.description.defaultTtlMs };
        const misplaced = subscription.description.requiresSession && copy.fields.sessionId === undefined;
        const { stored, written } = (misplaced ? subscription.deadLetters : subscription.queue).put(copy, options);
        writes.push(written);
        last = stored.sequenceNumber;
      }
    }
    return last;
  }

  private openPair(name: string, settings: WaitingSettings): { queue: MessageQueue; deadLetters: MessageQueue } {
    const { defaultTtlMs: _never, ...rest } = settings;
    const deadLetters = this.openQueue(name + deadLetterSuffix, { ...rest, requiresSession: false });
    return { queue: this.openQueue(name, settings, deadLetters), deadLetters };
  }

  private openQueue(name: string, settings: WaitingSettings, deadLetters?: MessageQueue): MessageQueue {
    return new MessageQueue({
      name,
      settings,
      log: openQueueLog(this.journal, name),
      nowMs: this.nowMs,
      onReady: () => this.onReady(name),
      ...(deadLetters && { deadLetters }),
    });
  }

  private openHistory(name: string, { duplicateWindowMs }: { duplicateWindowMs?: number }): DuplicateHistory {
    return new DuplicateHistory(name, duplicateWindowMs, this.journal);
  }

  /** What must be in the journal for this state, for compaction. */
  *records(): Iterable<JournalRecord> {
    for (const { history } of [...this.queues.values(), ...this.topics.values()]) yield* history.records(this.nowMs());
  }
}

function enqueue(queue: MessageQueue, message: IncomingMessage, writes: Promise<void>[]): number {
  const { stored, written } = queue.put(message);
  writes.push(written);
  return stored.sequenceNumber;
}

function checkSessions({ description }: QueueEntity, messages: readonly IncomingMessage[]): void {
  if (!description.requiresSession || messages.every(({ fields }) => fields.sessionId !== undefined)) return;
  throw new AmqpError(
    'amqp:not-allowed',
    `Queue ${description.name} requires sessions; set a session id on the message.`,
  );
}
