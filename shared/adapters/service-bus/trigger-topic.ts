import type { ServiceBusClient, ServiceBusMessage } from '@azure/service-bus';
import type { OutgoingTrigger } from '../../contracts/outgoing-trigger.js';
import type { SendOutcome, TriggerTopic } from '../../ports/trigger-topic.js';
import { translating } from '../port-errors.js';
import { sendInBatches } from './send-batches.js';

/** The trigger topic on Service Bus. */
export function createServiceBusTriggerTopic(client: ServiceBusClient, topic: string): TriggerTopic {
  const sender = client.createSender(topic);
  return {
    async send(triggers) {
      const messages = triggers.map(toTriggerMessage);
      const { tooLarge } = await translating(`send to topic ${topic}`, () => sendInBatches(sender, messages));
      return triggers.map((_, index): SendOutcome => {
        if (!tooLarge.includes(index)) return { kind: 'sent' };
        return { kind: 'refused', reason: `the trigger is larger than topic ${topic} takes` };
      });
    },
  };
}

/**
 * A trigger as consumers receive it: routing in properties, where filters can see it; everything else in the body. The
 * client sends bytes as they are, and would make the same bytes of an object.
 */
export function toTriggerMessage(trigger: OutgoingTrigger): ServiceBusMessage {
  const [port] = trigger.ports;
  return {
    messageId: trigger.triggerId,
    subject: trigger.consumer,
    correlationId: trigger.correlationId,
    contentType: 'application/json',
    body: Buffer.from(trigger.body),
    applicationProperties: {
      traceparent: trigger.traceparent,
      kind: trigger.kind,
      stage: trigger.stage,
      subscription: trigger.subscription,
      cause: trigger.cause,
      registryVersion: trigger.registryVersion,
      ...(port !== undefined && { port, version: trigger.version }),
    },
  };
}
