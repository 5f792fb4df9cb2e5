import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { createEventHubPublisher } from '../../../shared/adapters/event-hubs/publisher.js';
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

  async function handle(message: ServiceBusReceivedMessage): Promise<void> {
    const trigger = Trigger.parse(message.body);
    const eventId = trigger.inputs[0]?.eventId ?? '';
    const messages = messagesOf.get(eventId) ?? new Set();
    messagesOf.set(eventId, messages.add(String(message.sequenceNumber)));
    const receipt = {
      eventType: 'TriggerReceipt',
      eventId: `receipt-${eventId}`,
      occurredAt: trigger.decidedAt,
      triggerId: trigger.triggerId,
      consumer,
      status: 'succeeded',
    };
    const publisher = createEventHubPublisher(settings.eventHub, settings.hub);
    try {
      await publisher.publish([{ body: Buffer.from(JSON.stringify(receipt)), partitionKey: consumer }]);
    } finally {
      await publisher.close().catch(() => undefined);
    }
  }

  async function receiveOnce(): Promise<void> {
    const client = new ServiceBusClient(stack.endpoints.amqp, quick);
    try {
      const receiver = client.createReceiver(settings.topic, toChannelName(consumer));
      while (running) {
        for (const message of await receiver.receiveMessages(20, { maxWaitTimeInMs: 500 })) {
          await handle(message);
          await receiver.completeMessage(message);
        }
      }
    } finally {
      await client.close().catch(() => undefined);
    }
  }

  const loop = (async () => {
    // A message whose receipt was not accepted, or that could not be completed, is delivered again.
    while (running) await receiveOnce().catch(() => new Promise((resolve) => setTimeout(resolve, 100)));
  })();
  return {
    messagesOf,
    stop: async () => {
      running = false;
      await loop;
    },
  };
}
