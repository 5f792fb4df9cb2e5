import { EventHubConsumerClient, EventHubProducerClient, type ReceivedEventData } from '@azure/event-hubs';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { brokerResource, toMessagingConnection } from '../../local/stack/broker.js';
import { settlePorts } from '../../local/stack/ports.js';
import { type Finding, type Section, toSpread } from '../report/finding.js';
import { readUsage } from '../stack/processes.js';
import { toSeal } from '../workload.js';

const batches = [1, 10, 100] as const;
/** Messages of a round, by batch: about as long each. */
const messagesPerBatch: Readonly<Record<(typeof batches)[number], number>> = { 1: 500, 10: 2_000, 100: 5_000 };
const entities = { hubs: [{ name: 'hub', partitionCount: 1 }], queues: [{ name: 'queue' }] };

interface Sample {
  readonly perSecond: number;
  /** Processor time of the broker alone. */
  readonly cpuUs: number;
}

type Pass = (bodies: readonly Buffer[], batch: number) => Promise<void>;

/** The broker with the real clients: a queue's send, receive and settle, and a hub's send and receive. */
export async function benchBroker({ rounds }: { rounds: number }): Promise<Section> {
  const wish = { option: 'port', port: 0 };
  const { amqp, admin } = await settlePorts({ amqp: wish, admin: wish });
  const silent = { logDir: undefined, onOutput: undefined, dataDir: undefined };
  const broker = brokerResource({ ...silent, amqpPort: amqp, adminPort: admin, entities });
  await broker.up();
  const [queue, hub] = [openQueue(toMessagingConnection(amqp)), openHub(toMessagingConnection(amqp))];
  try {
    const findings: Finding[] = [];
    for (const batch of batches) {
      findings.push(...(await measurePass('queue: send, receive, settle', { pass: queue.pass, batch, rounds })));
      findings.push(...(await measurePass('hub: send, receive', { pass: hub.pass, batch, rounds })));
    }
    const about = 'messages of a seal through the embedded broker alone, by the clients of Azure, data in memory';
    return { title: 'broker', about, findings };
  } finally {
    await queue.close();
    await hub.close();
    await broker.down();
  }
}

async function measurePass(
  name: string,
  { pass, batch, rounds }: { pass: Pass; batch: (typeof batches)[number]; rounds: number },
): Promise<Finding[]> {
  const count = messagesPerBatch[batch];
  const bodies = Array.from({ length: count }, (_, n) => Buffer.from(JSON.stringify(toSeal('broker', n))));
  await pass(bodies.slice(0, count / 5), batch);
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = readUsage()?.broker?.cpuMs ?? Number.NaN;
    const startMs = performance.now();
    await pass(bodies, batch);
    const tookMs = performance.now() - startMs;
    const cpuMs = (readUsage()?.broker?.cpuMs ?? Number.NaN) - before;
    samples.push({ perSecond: (count * 1_000) / tookMs, cpuUs: (cpuMs * 1_000) / count });
  }
  const what = `${name}, batches of ${batch}`;
  return [
    { what, unit: 'events/s', value: toSpread(samples.map(({ perSecond }) => perSecond)) },
    { what: `${what}: broker's processor time`, unit: 'us', value: toSpread(samples.map(({ cpuUs }) => cpuUs)) },
  ];
}

/** Sending and receiving go on side by side, each in batches. */
function openQueue(connection: string): { pass: Pass; close: () => Promise<void> } {
  const client = new ServiceBusClient(connection);
  const sender = client.createSender('queue');
  const receiver = client.createReceiver('queue');
  const receiveAll = async (count: number, batch: number): Promise<void> => {
    for (let left = count; left > 0;) {
      const messages: ServiceBusReceivedMessage[] = await receiver.receiveMessages(Math.min(batch, left), {
        maxWaitTimeInMs: 10_000,
      });
      if (messages.length === 0) throw new Error(`${left} messages never came`);
      await Promise.all(messages.map((message) => receiver.completeMessage(message)));
      left -= messages.length;
    }
  };
  return {
    pass: async (bodies, batch) => {
      await Promise.all([
        receiveAll(bodies.length, batch),
        sendAll(bodies, batch, (part) => sender.sendMessages(part.map((body) => ({ body })))),
      ]);
    },
    close: () => client.close(),
  };
}

function openHub(connection: string): { pass: Pass; close: () => Promise<void> } {
  const producer = new EventHubProducerClient(connection, 'hub');
  const consumer = new EventHubConsumerClient('$Default', connection, 'hub');
  return {
    pass: async (bodies, batch) => {
      const { lastEnqueuedSequenceNumber: last } = await producer.getPartitionProperties('0');
      let left = bodies.length;
      await new Promise<void>((resolve, reject) => {
        const processEvents = async (events: ReceivedEventData[]): Promise<void> => {
          left -= events.length;
          if (left <= 0) await subscription.close().then(resolve, reject);
        };
        const handlers = { processEvents, processError: async (error: Error) => reject(error) };
        const startPosition = { sequenceNumber: last, isInclusive: false };
        const subscription = consumer.subscribe('0', handlers, { startPosition, maxBatchSize: batch });
        sendAll(bodies, batch, (part) => producer.sendBatch(part.map((body) => ({ body })))).catch(reject);
      });
    },
    close: async () => {
      await producer.close();
      await consumer.close();
    },
  };
}

async function sendAll(
  bodies: readonly Buffer[],
  batch: number,
  send: (part: Buffer[]) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < bodies.length; from += batch) await send(bodies.slice(from, from + batch));
}
