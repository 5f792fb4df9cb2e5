import { ServiceBusClient } from '@azure/service-bus';
import type { OutportStack } from '../outport-stack.js';

/** Lines about what did not get through: quarantined records, and messages that wait or are dead-lettered. */
export async function findStranded({ stack, stores, settings }: OutportStack): Promise<string[]> {
  const quarantined = await stores.quarantine.list({ limit: 20 });
  const client = new ServiceBusClient(stack.endpoints.amqp);
  const lines = quarantined.map(({ reason, eventId, problems }) => {
    return `quarantined ${eventId ?? ''}: ${reason}, ${problems.map(({ message }) => message).join('; ')}`;
  });
  for (const queue of Object.values(settings.queues)) {
    for (const place of ['waiting', 'deadLetter'] as const) {
      const receiver = client.createReceiver(queue, place === 'deadLetter' ? { subQueueType: place } : {});
      const messages = await receiver.peekMessages(1_000);
      const [oldest] = messages;
      if (oldest === undefined) continue;
      const state = `${oldest.state}, ${oldest.deliveryCount ?? 0} deliveries, due ${oldest.scheduledEnqueueTimeUtc?.toISOString() ?? 'now'}`;
      lines.push(`${queue} ${place}: ${messages.length}; the oldest ${state}, ${oldest.deadLetterReason ?? ''}`);
    }
  }
  await client.close();
  return lines;
}
