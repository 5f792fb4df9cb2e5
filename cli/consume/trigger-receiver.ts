import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Publisher } from '../../shared/adapters/event-hubs/publisher.js';
import { toChannelName } from '../../shared/adapters/service-bus/consumer-channels.js';
import type { ReceiptStatus } from '../../shared/contracts/events/trigger-receipt.js';
import { Trigger } from '../../shared/contracts/trigger.js';
import { toOutgoingEvent } from '../emit/outgoing-event.js';
import { EnvironmentError, InputError } from '../errors.js';

export interface TriggerReceiverOptions {
  readonly client: ServiceBusClient;
  readonly topic: string;
  readonly consumer: string;
  /** Triggers of other stages are put back when the receiver ends. */
  readonly stage?: string;
  /** Reported in this order for each trigger, before its message is completed. */
  readonly receipts: readonly ReceiptStatus[];
  readonly publisher: Publisher;
  readonly onTrigger: (trigger: Trigger) => void;
  /** Told of messages that repeat a trigger or are none. */
  readonly onOther?: (what: string) => void;
}

/** How long one look at the channel lasts, in milliseconds. */
const lookMs = 1_000;
/** Triggers asked for at once. */
const batchSize = 20;

/**
 * Receive a consumer's triggers until `max` are handled or the signal ends it; resolves to how many were.
 *
 * A trigger is acted on once per process however often it is delivered. Its message is completed last, so a death
 * before that brings it again. @throws InputError when the consumer has no channel
 */
export async function receiveTriggers(
  options: TriggerReceiverOptions,
  { max = Number.POSITIVE_INFINITY, signal }: { max?: number; signal: AbortSignal },
): Promise<number> {
  const receiver = options.client.createReceiver(options.topic, toChannelName(options.consumer));
  const session: Session = { ...options, receiver, seen: new Set(), putBack: [] };
  try {
    while (session.seen.size < max && !signal.aborted) {
      const count = Math.min(batchSize, max - session.seen.size);
      for (const message of await look(session, count, signal)) await handle(session, message);
    }
    return session.seen.size;
  } finally {
    await Promise.allSettled(session.putBack.map((message) => receiver.abandonMessage(message)));
    await receiver.close();
  }
}

interface Session extends TriggerReceiverOptions {
  readonly receiver: ServiceBusReceiver;
  readonly seen: Set<string>;
  readonly putBack: ServiceBusReceivedMessage[];
}

async function look(session: Session, count: number, signal: AbortSignal): Promise<ServiceBusReceivedMessage[]> {
  try {
    // A signal of its own for each look: the client leaves listeners behind on the one it is given.
    const abortSignal = AbortSignal.any([signal]);
    return await session.receiver.receiveMessages(count, { maxWaitTimeInMs: lookMs, abortSignal });
  } catch (error) {
    if (signal.aborted) return [];
    throw toReceiveError(error, session);
  }
}

function toReceiveError(error: unknown, { topic, consumer }: Session): Error {
  const { code, message } = error as { code?: unknown; message?: unknown }; // whatever was thrown, read with care
  if (code === 'MessagingEntityNotFound') {
    return new InputError(
      `${consumer} has no subscription on topic ${topic}`,
      'declare a subscription with this consumer and run "outport registry apply <dir>"',
    );
  }
  return new EnvironmentError(
    `cannot receive from topic ${topic}: ${String(message)}`,
    'start the embedded stack with "outport start", or point SERVICEBUS at yours',
    { cause: error },
  );
}

async function handle(session: Session, message: ServiceBusReceivedMessage): Promise<void> {
  const parsed = Trigger.safeParse(message.body);
  if (!parsed.success) {
    const description = parsed.error.message.slice(0, 1_000);
    await session.receiver.deadLetterMessage(message, {
      deadLetterReason: 'not-a-trigger',
      deadLetterErrorDescription: description,
    });
    session.onOther?.(`message ${String(message.messageId)} is not a trigger; it is in the dead-letter queue`);
    return;
  }
  const trigger = parsed.data;
  if (session.stage !== undefined && trigger.stage !== session.stage) {
    session.putBack.push(message);
    return;
  }
  if (session.seen.has(trigger.triggerId)) {
    session.onOther?.(`trigger ${trigger.triggerId} was delivered again; not acted on`);
  } else {
    session.onTrigger(trigger);
    await sendReceipts(session, trigger);
    session.seen.add(trigger.triggerId);
  }
  await session.receiver.completeMessage(message);
}

/** Receipt ids follow from trigger and status: repeating them after a redelivery adds nothing. */
async function sendReceipts(session: Session, { kind, triggerId }: Trigger): Promise<void> {
  const { publisher, consumer } = session;
  // A revocation starts no job; that it was taken note of is all there is to say.
  const receipts =
    kind === 'revocation' ? session.receipts.filter((status) => status === 'accepted') : session.receipts;
  const events = receipts.map((status) => ({
    eventType: 'TriggerReceipt',
    eventId: `${triggerId}-${status}`,
    occurredAt: new Date().toISOString(),
    triggerId,
    consumer,
    status,
  }));
  if (events.length > 0) await publisher.publish(events.map((event) => toOutgoingEvent(event, 'plain')));
}
