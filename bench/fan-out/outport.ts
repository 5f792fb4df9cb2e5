import { EventHubProducerClient } from '@azure/event-hubs';
import { type ProcessErrorArgs, ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus';
import { toChannelName } from '../../shared/adapters/service-bus/consumer-channels.js';
import { type Platform, startPlatform } from '../stack/platform.js';
import { fanOutConsumers, portCount, toFanOutRegistry } from '../workload.js';
import type { Contender, Entry } from './contender.js';

const durability = 'broker and tables: journals without fsync (on Azure both are replicated before they answer)';

/** Outport on its embedded stack, with data in files as `npm start` keeps them. */
export const outportEntries: readonly Entry[] = [
  {
    system: 'Outport',
    settings: 'default',
    durability,
    flooded: 400,
    missing: () => undefined,
    start: (note) => start({ perSend: 1, atOnce: 1 }, note),
  },
  {
    system: 'Outport',
    settings: 'tuned',
    durability,
    flooded: 2_000,
    missing: () => undefined,
    start: (note) => start({ perSend: 100, atOnce: 100 }, note),
  },
];

interface Tuning {
  /** Events in one send of a producer. */
  readonly perSend: number;
  /** Messages a consumer works on at a time; each is completed alone. */
  readonly atOnce: number;
}

async function start(
  { perSend, atOnce }: Tuning,
  note: (consumer: string, eventId: string) => void,
): Promise<Contender> {
  const platform = await startPlatform({ registry: toFanOutRegistry(portCount), onDisk: true });
  const route = platform.routes.outport;
  const host = await platform.startApp(route);
  const producer = new EventHubProducerClient(platform.messaging, route.hub);
  const client = new ServiceBusClient(platform.messaging);
  const receivers = fanOutConsumers.map((consumer) => subscribe(client, platform, consumer, { atOnce, note }));
  return {
    send: async (bodies) => {
      for (let from = 0; from < bodies.length; from += perSend) {
        await producer.sendBatch(bodies.slice(from, from + perSend).map((body) => ({ body })));
      }
    },
    stop: async () => {
      await Promise.all(receivers.map((receiver) => receiver.close()));
      await Promise.all([producer.close(), client.close()]);
      await host.down();
      await platform.stop();
    },
  };
}

function subscribe(
  client: ServiceBusClient,
  { settings }: Platform,
  consumer: string,
  { atOnce, note }: { atOnce: number; note: (consumer: string, eventId: string) => void },
): ServiceBusReceiver {
  const receiver = client.createReceiver(settings.topic, toChannelName(consumer));
  const processError = async ({ error }: ProcessErrorArgs): Promise<void> =>
    void process.stderr.write(`${consumer}: ${error.message}\n`);
  const processMessage = async ({ body }: { body: unknown }): Promise<void> => note(consumer, toEventId(body));
  receiver.subscribe({ processMessage, processError }, { maxConcurrentCalls: atOnce });
  return receiver;
}

function toEventId(body: unknown): string {
  const trigger: unknown = typeof body === 'string' ? JSON.parse(body) : body;
  const { inputs } = trigger as { inputs?: { eventId: string }[] }; // our own trigger
  return inputs?.[0]?.eventId ?? '';
}
