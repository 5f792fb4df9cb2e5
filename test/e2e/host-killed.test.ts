import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventHubPublisher, type OutgoingEvent } from '../../shared/adapters/event-hubs/publisher.js';
import { toChannelName } from '../../shared/adapters/service-bus/consumer-channels.js';
import { registryDocument, sealedEvent } from '../fixtures/events.js';
import { until } from '../fixtures/until.js';
import { type OutportStack, startOutportStack } from '../support/outport-stack.js';

const eventCount = 300;
const consumer = 'dp.finance.revenue';
let outport: OutportStack;
beforeAll(async () => {
  outport = await startOutportStack({ registry: registryDocument() });
}, 120_000);
afterAll(() => outport.stop());

/** A snapshot a minute, each delivered twice by its producer. */
function outgoing(): OutgoingEvent[] {
  return Array.from({ length: eventCount }, (_, n) => {
    const watermark = new Date(Date.UTC(2026, 2, 11) + n * 60_000).toISOString();
    const event = sealedEvent({ eventId: `e-${n}`, snapshot: { watermark } });
    return { body: Buffer.from(JSON.stringify(event)), partitionKey: `key-${n % 16}` };
  }).flatMap((event) => [event, event]);
}

const storedCount = async (): Promise<number> =>
  (await outport.stores.signals.listByPort({ stage: 'prod', port: 'op.sales.orders.daily', limit: eventCount + 1 }))
    .length;

async function receiveAll(): Promise<ServiceBusReceivedMessage[]> {
  const client = new ServiceBusClient(outport.stack.endpoints.amqp);
  const receiver = client.createReceiver(outport.settings.topic, toChannelName(consumer), {
    receiveMode: 'receiveAndDelete',
  });
  const all: ServiceBusReceivedMessage[] = [];
  for (;;) {
    const batch = await receiver.receiveMessages(200, { maxWaitTimeInMs: 1_500 });
    if (batch.length === 0) break;
    all.push(...batch);
  }
  await client.close();
  return all;
}

describe('a functions host that is killed in the middle', { timeout: 150_000 }, () => {
  it('loses no event and gives no consumer a second trigger', async () => {
    const publisher = createEventHubPublisher(outport.settings.eventHub, outport.settings.hub);
    await publisher.publish(outgoing());
    await publisher.close();

    for (const share of [0.1, 0.4, 0.7]) {
      await until(
        `${share} of the events are stored`,
        async () => ((await storedCount()) >= eventCount * share ? true : undefined),
        60_000,
      );
      await outport.stack.host.kill('SIGKILL');
      await outport.stack.host.restart();
    }
    await until(
      'every event is a signal',
      async () => ((await storedCount()) === eventCount ? true : undefined),
      60_000,
    );
    const entries = await until(
      'every trigger is sent',
      async () => {
        const found = await outport.stores.ledger.listByConsumer({ stage: 'prod', consumer, limit: eventCount + 1 });
        return found.length === eventCount && found.every(({ state }) => state === 'sent') ? found : undefined;
      },
      60_000,
    );

    const messages = await receiveAll();
    const ids = messages.map(({ messageId }) => String(messageId)).sort();
    expect(ids).toEqual(entries.map(({ trigger }) => trigger.triggerId).sort());
    expect(await outport.stores.quarantine.list({ limit: 10 })).toEqual([]);
  });
});
