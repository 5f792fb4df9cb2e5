import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toAppSettings, toEntities } from '../../cli/start/entities.js';
import { startStack, type Stack } from '../../local/stack/start-stack.js';
import { createEventHubPublisher, type OutgoingEvent } from '../../shared/adapters/event-hubs/publisher.js';
import { openConsumerChannels, openStores, type Stores } from '../../shared/adapters/open-adapters.js';
import { toChannelName } from '../../shared/adapters/service-bus/consumer-channels.js';
import { parseSettings, type Settings } from '../../shared/config/settings.js';
import { applyRegistry } from '../../shared/pipeline/apply-registry.js';
import { registryDocument, sealedEvent } from '../fixtures/events.js';
import { until } from '../fixtures/until.js';
import { buildPackage, type BuiltPackage } from '../support/built-package.js';

const eventCount = 300;
const consumer = 'dp.finance.revenue';
/** Locks and leases are short, so that what a dead host held comes back within the test. */
const lockDurationMs = 3_000;
const tuning = {
  OUTPORT_SWEEP_SCHEDULE: '*/2 * * * * *',
  OUTPORT_SWEEP_AFTER_MS: '2000',
  OUTPORT_DISPATCH_LEASE_MS: '3000',
  AzureFunctionsJobHost__extensions__eventHubs__partitionOwnershipExpirationInterval: '00:00:02',
  AzureFunctionsJobHost__extensions__eventHubs__loadBalancingUpdateInterval: '00:00:01',
  AzureFunctionsJobHost__extensions__eventHubs__maxEventBatchSize: '20',
};

let built: BuiltPackage;
let stack: Stack;
let settings: Settings;
let stores: Stores;

beforeAll(async () => {
  built = await buildPackage();
  const named = parseSettings({ EVENTHUB: 'x', SERVICEBUS: 'x', OUTPORT_TABLES: 'x', ...tuning });
  const connections = (of: Stack['endpoints']) => ({
    EVENTHUB: of.amqp,
    SERVICEBUS: of.amqp,
    OUTPORT_TABLES: of.storage,
    SERVICEBUS_ADMIN_URL: of.adminUrl,
  });
  const entities = toEntities(named);
  stack = await startStack({
    appDir: built.dir,
    entities: { ...entities, queues: entities.queues.map((queue) => ({ ...queue, lockDurationMs })) },
    settings: (endpoints) => ({ ...toAppSettings(named), ...tuning, ...connections(endpoints) }),
  });
  settings = parseSettings({ ...connections(stack.endpoints), ...tuning });
  stores = openStores(settings);
  await stores.ensureTables();
  const channels = openConsumerChannels(settings);
  await applyRegistry(registryDocument(), 'test', { ...stores, channels, clock: { nowMs: () => Date.now() } });
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await built.remove();
});

/** A snapshot a minute, each delivered twice by its producer. */
function outgoing(): OutgoingEvent[] {
  return Array.from({ length: eventCount }, (_, n) => {
    const watermark = new Date(Date.UTC(2026, 2, 11) + n * 60_000).toISOString();
    const event = sealedEvent({ eventId: `e-${n}`, snapshot: { watermark } });
    return { body: Buffer.from(JSON.stringify(event)), partitionKey: `key-${n % 16}` };
  }).flatMap((event) => [event, event]);
}

const storedCount = async (): Promise<number> =>
  (await stores.signals.listByPort({ stage: 'prod', port: 'op.sales.orders.daily', limit: eventCount + 1 })).length;

async function receiveAll(): Promise<ServiceBusReceivedMessage[]> {
  const client = new ServiceBusClient(stack.endpoints.amqp);
  const receiver = client.createReceiver(settings.topic, toChannelName(consumer), { receiveMode: 'receiveAndDelete' });
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
    const publisher = createEventHubPublisher(settings.eventHub, settings.hub);
    await publisher.publish(outgoing());
    await publisher.close();

    for (const share of [0.1, 0.4, 0.7]) {
      await until(
        `${share} of the events are stored`,
        async () => ((await storedCount()) >= eventCount * share ? true : undefined),
        60_000,
      );
      await stack.host.kill('SIGKILL');
      await stack.host.restart();
    }
    await until(
      'every event is a signal',
      async () => ((await storedCount()) === eventCount ? true : undefined),
      60_000,
    );
    const entries = await until(
      'every trigger is sent',
      async () => {
        const found = await stores.ledger.listByConsumer({ stage: 'prod', consumer, limit: eventCount + 1 });
        return found.length === eventCount && found.every(({ state }) => state === 'sent') ? found : undefined;
      },
      60_000,
    );

    const messages = await receiveAll();
    const ids = messages.map(({ messageId }) => String(messageId)).sort();
    expect(ids).toEqual(entries.map(({ trigger }) => trigger.triggerId).sort());
    expect(await stores.quarantine.list({ limit: 10 })).toEqual([]);
  });
});
