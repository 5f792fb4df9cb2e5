import {
  isServiceBusError,
  type ServiceBusAdministrationClient,
  type ServiceBusClient,
  type ServiceBusMessage,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import Long from 'long';
import type { DeadLetterView, RedriveResult } from '../../contracts/api/operations.js';
import type { DeadLetters, DeadLetterSource } from '../../ports/dead-letters.js';
import { translating } from '../port-errors.js';
import { toChannelName } from './consumer-channels.js';

interface Places {
  readonly queues: Readonly<Record<'normalize' | 'evaluate' | 'dispatch', string>>;
  readonly topic: string;
}

interface Clients {
  readonly client: ServiceBusClient;
  /** Needed only for consumers: it tells for how long the topic drops duplicates. */
  readonly admin: ServiceBusAdministrationClient;
  readonly nowMs: () => number;
}

/** How long to wait for dead letters to come in, in milliseconds. */
const receiveWaitMs = 2_000;

/** The dead-letter queues on Service Bus. */
export function createServiceBusDeadLetters(clients: Clients, places: Places): DeadLetters {
  return {
    peek: (source, limit) => {
      return withReceiver(clients.client, places, source, async (receiver) => {
        // A client remembers how far it peeked an entity, also over receivers; every look starts at the beginning.
        const messages = await receiver.peekMessages(limit, { fromSequenceNumber: Long.ZERO });
        return messages.map(toView);
      });
    },

    redrive: (source, limit) => {
      return withReceiver(clients.client, places, source, async (receiver) => {
        const windowMs = source.kind === 'consumer' ? await readDuplicateWindowMs(clients.admin, places.topic) : 0;
        const messages = await receiver.receiveMessages(limit, { maxWaitTimeInMs: receiveWaitMs });
        const isRecent = ({ enqueuedTimeUtc }: ServiceBusReceivedMessage): boolean =>
          windowMs > 0 && clients.nowMs() - (enqueuedTimeUtc?.getTime() ?? 0) < windowMs;
        const tooRecent = messages.filter(isRecent);
        const redriven = messages.filter((message) => !isRecent(message));
        const sender = clients.client.createSender(
          source.kind === 'queue' ? places.queues[source.queue] : places.topic,
        );
        try {
          for (const message of redriven) {
            await sender.sendMessages(toAgain(message));
            await receiver.completeMessage(message);
          }
          for (const message of tooRecent) await receiver.abandonMessage(message);
        } finally {
          await sender.close();
        }
        return { redriven: redriven.map(toView), tooRecent: tooRecent.map(toView) } satisfies RedriveResult;
      });
    },
  };
}

async function withReceiver<T>(
  client: ServiceBusClient,
  { queues, topic }: Places,
  source: DeadLetterSource,
  work: (receiver: ServiceBusReceiver) => Promise<T>,
): Promise<T | undefined> {
  const options = { subQueueType: 'deadLetter' as const };
  const receiver =
    source.kind === 'queue'
      ? client.createReceiver(queues[source.queue], options)
      : client.createReceiver(topic, toChannelName(source.consumer), options);
  try {
    return await translating('read dead letters', () => work(receiver).catch(toAbsent));
  } finally {
    await receiver.close();
  }
}

function toAbsent(error: unknown): undefined {
  if (isServiceBusError(error) && error.code === 'MessagingEntityNotFound') return undefined;
  throw error;
}

/** The same message: its id, body and properties; what the broker added when it gave up is left out. */
function toAgain(message: ServiceBusReceivedMessage): ServiceBusMessage {
  const { messageId, subject, correlationId, contentType, sessionId, applicationProperties } = message;
  const { DeadLetterReason: _reason, DeadLetterErrorDescription: _text, ...properties } = applicationProperties ?? {};
  return {
    body: message.body as unknown, // as it was received
    applicationProperties: properties,
    ...(messageId !== undefined && { messageId }),
    ...(subject !== undefined && { subject }),
    ...(correlationId !== undefined && { correlationId }),
    ...(contentType !== undefined && { contentType }),
    ...(sessionId !== undefined && { sessionId }),
  };
}

function toView(message: ServiceBusReceivedMessage): DeadLetterView {
  const { messageId, sequenceNumber, enqueuedTimeUtc, deadLetterReason, deadLetterErrorDescription } = message;
  return {
    messageId: String(messageId ?? ''),
    sequenceNumber: String(sequenceNumber ?? ''),
    deliveryCount: message.deliveryCount ?? 0,
    ...(enqueuedTimeUtc && { enqueuedAt: enqueuedTimeUtc.toISOString() }),
    ...(deadLetterReason !== undefined && { reason: deadLetterReason }),
    ...(deadLetterErrorDescription !== undefined && { description: deadLetterErrorDescription }),
  };
}

/** Service Bus keeps the ids of a topic's messages at most this long. */
const longestWindowMs = 7 * 86_400_000;

/** For how long the topic drops a message with an id it saw; when that cannot be told, the longest there is. */
async function readDuplicateWindowMs(admin: ServiceBusAdministrationClient, topic: string): Promise<number> {
  try {
    const { requiresDuplicateDetection, duplicateDetectionHistoryTimeWindow } = await admin.getTopic(topic);
    return requiresDuplicateDetection ? fromIsoDuration(duplicateDetectionHistoryTimeWindow) : 0;
  } catch (error) {
    // Without the right to manage, caution is the answer; anything else is a fault.
    if (isServiceBusError(error) && error.code === 'UnauthorizedAccess') return longestWindowMs;
    throw error;
  }
}

function fromIsoDuration(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null) return longestWindowMs;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
