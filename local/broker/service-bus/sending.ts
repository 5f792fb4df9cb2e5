import { AmqpError } from '../amqp/amqp-error.js';
import type { IncomingMessage } from '../amqp/message-codec.js';
import type { JournalRecord } from '../../journal/record.js';
import { requireSendable, touch } from './access.js';
import type { MessageQueue } from './message-queue.js';
import type { Namespace, QueueEntity, TopicEntity } from './namespace.js';
import { routeCopies } from './routing.js';

/** A message on its way into one queue. */
interface Copy {
  readonly queue: MessageQueue;
  readonly message: IncomingMessage;
  readonly ttlMs?: number;
}

/**
 * Accept messages for a queue or topic, all or none, in one journal record. Resolves with their sequence numbers when
 * the journal has them; a duplicate is accepted and dropped (number 0). @throws AmqpError
 */
export async function sendMessages(
  namespace: Namespace,
  target: QueueEntity | TopicEntity,
  messages: readonly IncomingMessage[],
): Promise<number[]> {
  requireSendable(target);
  if ('queue' in target) checkSessions(target, messages);
  const nowMs = namespace.nowMs();
  touch(target, nowMs);
  const duplicates = findDuplicates(target, messages, nowMs);
  // Whatever can fail is done before anything changes.
  const planned = messages.map((message) => (duplicates.has(message) ? [] : toCopies(target, message, nowMs)));
  const records: JournalRecord[] = [];
  const sequences = planned.map((copies) => placeCopies(copies, records));
  for (const message of messages) {
    if (!duplicates.has(message)) records.push(...target.history.remember(message.fields.messageId, nowMs));
  }
  await namespace.journal.append(records);
  return sequences;
}

/** Do what time has made due in every entity. */
export function tick(namespace: Namespace): void {
  for (const queue of namespace.allQueues()) queue.tick();
  for (const topic of namespace.topics.values()) {
    while (topic.scheduled.shelf.hasReady()) publishDue(namespace, topic);
  }
}

/** A topic's message whose time has come: its copies appear and it is gone, in one record. */
function publishDue(namespace: Namespace, topic: TopicEntity): void {
  const due = topic.scheduled.take({ deleting: true });
  if (!due) return;
  const { wire, fields, sequenceNumber } = due.message;
  const { scheduledAtMs: _due, ...kept } = fields;
  const records = [topic.scheduled.removal(sequenceNumber)];
  placeCopies(toCopies(topic, { ...wire, fields: kept }, namespace.nowMs()), records);
  namespace.journal.append(records).catch(() => undefined); // a dead journal refuses everything anyway
}

function findDuplicates(
  target: QueueEntity | TopicEntity,
  messages: readonly IncomingMessage[],
  nowMs: number,
): ReadonlySet<IncomingMessage> {
  const duplicates = new Set<IncomingMessage>();
  if (target.description.duplicateWindowMs === undefined) return duplicates;
  const seen = new Set<string>();
  for (const message of messages) {
    const { messageId } = message.fields;
    if (seen.has(messageId) || target.history.isDuplicate(messageId, nowMs)) duplicates.add(message);
    seen.add(messageId);
  }
  return duplicates;
}

function toCopies(target: QueueEntity | TopicEntity, message: IncomingMessage, nowMs: number): Copy[] {
  if ('queue' in target) return [{ queue: target.queue, message }];
  const { scheduledAtMs } = message.fields;
  if (scheduledAtMs !== undefined && scheduledAtMs > nowMs) return [{ queue: target.scheduled, message }];
  const { defaultTtlMs: ttlMs } = target.description;
  return [...target.subscriptions.values()].flatMap(({ description, queue, deadLetters, rules }) =>
    routeCopies(rules.values(), message).map((copy) => ({
      queue: description.requiresSession && copy.fields.sessionId === undefined ? deadLetters : queue,
      message: copy,
      ...(ttlMs !== undefined && { ttlMs }),
    })),
  );
}

/** Put copies in their queues; gives the sequence number of the last. */
function placeCopies(copies: readonly Copy[], records: JournalRecord[]): number {
  let last = 0;
  for (const { queue, message, ...options } of copies) {
    const { stored, record } = queue.put(message, options);
    records.push(record);
    last = stored.sequenceNumber;
  }
  return last;
}

function checkSessions({ description }: QueueEntity, messages: readonly IncomingMessage[]): void {
  if (!description.requiresSession || messages.every(({ fields }) => fields.sessionId !== undefined)) return;
  throw new AmqpError(
    'amqp:not-allowed',
    `Queue ${description.name} requires sessions; set a session id on the message.`,
  );
}
