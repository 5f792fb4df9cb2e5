import { AmqpError, entityNotFound } from '../amqp/amqp-error.js';
import { readDelivery } from '../amqp/message-codec.js';
import type { ManagementHandler, ManagementReply } from '../amqp/request-reply.js';
import { amqp } from '../amqp/rhea-message.js';
import { toDeliveryBytes } from './delivery.js';
import { fromUuidBytes, toUuidBytes } from './lock-token.js';
import type { MessageQueue } from './message-queue.js';
import { requireReceivable, requireSendable, touch } from './access.js';
import type { Namespace, QueueEntity, QueuePlace, TopicEntity } from './namespace.js';
import { manageRules } from './rule-management.js';
import { sendMessages } from './sending.js';

type Body = Readonly<Record<string, unknown>>;
type Operation = (queue: MessageQueue, body: Body) => Promise<ManagementReply> | ManagementReply;

const done: ManagementReply = { status: 200, body: {} };

/** Management node of a queue, topic, subscription or dead-letter queue. */
export function manageEntity(namespace: Namespace, address: string): ManagementHandler | undefined {
  if (!findManaged(namespace, address)) return undefined;
  return async ({ operation, body }) => {
    const target = namespace.findTarget(address);
    const place = findManaged(namespace, address);
    if (!place) throw entityNotFound(address);
    const { owner, queue } = place;
    touch(owner, namespace.nowMs());
    if (operation === 'com.microsoft:schedule-message' && target) return schedule(namespace, target, body);
    if (operation === 'com.microsoft:cancel-scheduled-message' && target) requireSendable(target);
    else requireReceivable(owner);
    const rules = manageRules(namespace, address, operation, body);
    if (rules) return rules;
    const run = operations[operation];
    if (!run) throw new AmqpError('amqp:not-implemented', `The operation ${operation} is not supported.`, 501);
    return run(queue, body);
  };
}

/** What is managed at an address; at a topic it is its scheduled messages. */
function findManaged(namespace: Namespace, address: string): QueuePlace | undefined {
  const target = namespace.findTarget(address);
  if (target && 'scheduled' in target) return { queue: target.scheduled, owner: target };
  return namespace.findPlace(address);
}

const operations: Readonly<Record<string, Operation>> = {
  'com.microsoft:renew-lock': (queue, body) => {
    const expirations = toTokens(body).map((token) => queue.renew(token));
    return { status: 200, body: { expirations: amqp.timestamps(expirations) } };
  },
  'com.microsoft:peek-message': (queue, body) => {
    const session = typeof body['session-id'] === 'string' ? body['session-id'] : undefined;
    const found = queue.peek(toNumber(body['from-sequence-number']), toNumber(body['message-count']), session);
    if (found.length === 0) return { status: 204 };
    return {
      status: 200,
      body: { messages: amqp.list(found.map((message) => ({ message: toDeliveryBytes({ message }) }))) },
    };
  },
  'com.microsoft:cancel-scheduled-message': async (queue, body) => {
    await queue.cancelScheduled(toNumbers(body['sequence-numbers']));
    return done;
  },
  'com.microsoft:receive-by-sequence-number': async (queue, body) => {
    const deleting = toNumber(body['receiver-settle-mode']) === 0;
    const { handed, written } = queue.takeDeferred(toNumbers(body['sequence-numbers']), deleting);
    await written;
    const messages = handed.map((each) => ({
      message: toDeliveryBytes(each),
      ...(each.lock && { 'lock-token': amqp.uuid(toUuidBytes(each.lock.token)) }),
    }));
    return { status: 200, body: { messages: amqp.list(messages) } };
  },
  'com.microsoft:update-disposition': async (queue, body) => {
    await Promise.all(toTokens(body).map((token) => dispose(queue, token, body)));
    return done;
  },
  'com.microsoft:renew-session-lock': (queue, body) => {
    const expiration = queue.renewSession(queue.shelf.sessions.of(String(body['session-id'])));
    return { status: 200, body: { expiration: amqp.timestamp(expiration) } };
  },
  'com.microsoft:set-session-state': async (queue, body) => {
    const state = body['session-state'];
    await queue.setSessionState(String(body['session-id']), Buffer.isBuffer(state) ? state : undefined);
    return done;
  },
  'com.microsoft:get-session-state': (queue, body) => {
    const { state } = queue.shelf.sessions.of(String(body['session-id']));
    return { status: 200, body: { 'session-state': state ?? null } };
  },
};

async function schedule(namespace: Namespace, target: QueueEntity | TopicEntity, body: Body): Promise<ManagementReply> {
  const messages = (body['messages'] as { message: Buffer }[]).map(
    ({ message }) => readDelivery(message, 0).messages[0],
  );
  const sequences = await sendMessages(
    namespace,
    target,
    messages.filter((message) => message !== undefined),
  );
  return { status: 200, body: { 'sequence-numbers': amqp.longs(sequences) } };
}

/** Statuses are the wire's own words, one of them misspelt there. */
function dispose(queue: MessageQueue, token: string, body: Body): Promise<void> {
  const changes = (body['properties-to-modify'] ?? {}) as Record<string, unknown>; // a map by the protocol
  switch (body['disposition-status']) {
    case 'completed':
      return queue.complete(token);
    case 'abandoned':
      return queue.abandon(token, changes);
    case 'defered':
      return queue.defer(token, changes);
    case 'suspended':
      return queue.deadLetter(token, {
        ...(typeof body['deadletter-reason'] === 'string' && { reason: body['deadletter-reason'] }),
        ...(typeof body['deadletter-description'] === 'string' && { description: body['deadletter-description'] }),
        properties: changes,
      });
    default:
      throw new AmqpError('com.microsoft:argument-error', `unknown disposition ${String(body['disposition-status'])}`);
  }
}

function toTokens(body: Body): string[] {
  return (body['lock-tokens'] as Buffer[]).map(fromUuidBytes); // an array of uuid by the protocol
}

function toNumbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(toNumber) : [];
}

/** Numbers beyond 2^53 arrive as eight bytes. */
function toNumber(value: unknown): number {
  return Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value);
}
