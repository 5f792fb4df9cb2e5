import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { createEventHubPublisher, type OutgoingEvent } from '../../../shared/adapters/event-hubs/publisher.js';
import { toChannelName } from '../../../shared/adapters/service-bus/consumer-channels.js';
import { Trigger } from '../../../shared/contracts/trigger.js';
import type { OutportStack } from '../outport-stack.js';

/** What a consumer was handed: for each event the messages on the topic (not their deliveries) that named it. */
export interface Consumer {
  readonly messagesOf: ReadonlyMap<string, ReadonlySet<string>>;
  stop(): Promise<void>;
}

const consumer = 'dp.finance.revenue';
const quick = { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } };

/** A consumer that reports on each trigger and only then completes it; it connects again whenever it must. */
export function startConsumer({ stack, settings }: OutportStack): Consumer {
  const messagesOf = new Map<string, Set<string>>();
  let running = true;

  function toReceipt({ body, sequenceNumber }: ServiceBusReceivedMessage): OutgoingEvent {
    const trigger = Trigger.parse(body);
    const eventId = trigger.inputs[0]?.eventId ?? '';
    const messages = messagesOf.get(eventId) ?? new Set();
    messagesOf.set(eventId, messages.add(String(sequenceNumber)));
    const receipt = {
      eventType: 'TriggerReceipt',
      eventId: `receipt-${eventId}`,
      occurredAt: trigger.decidedAt,
      triggerId: trigger.triggerId,
      consumer,
      status: 'succeeded',
    };
    return { body: Buffer.from(JSON.stringify(receipt)), partitionKey: consumer };
  }

  async function receiveUntilFault(): Promise<void> {
    const client = new ServiceBusClient(stack.endpoints.amqp, quick);
    const publisher = createEventHubPublisher(settings.eventHub, settings.hub);
    try {
      const receiver = client.createReceiver(settings.topic, toChannelName(consumer));
      while (running) {
        // A receive whose connection was lost without a word would wait for ever.
        const abortSignal = AbortSignal.timeout(5_000);
        const batch = await receiver.receiveMessages(20, { maxWaitTimeInMs: 500, abortSignal });
        if (batch.length > 0) await publisher.publish(batch.map(toReceipt));
        await Promise.all(batch.map((message) => receiver.completeMessage(message)));
      }
    } finally {
      // Not awaited: closing waits for an answer that a dead broker does not give.
      for (const each of [client, publisher]) each.close().catch(() => undefined);
    }
  }

  const loop = (async () => {
    // A message whose receipt was not accepted, or that could not be completed, is delivered again.
    while (running) await receiveUntilFault().catch(() => new Promise((resolve) => setTimeout(resolve, 100)));
  })();
  return {
    messagesOf,
    stop: async () => {
      running = false;
      await loop;
    },
  };
}
