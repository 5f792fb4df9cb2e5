import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { earliestEventPosition, EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusAdministrationClient, ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownProgram } from '../../local/stack/programs.js';
import { redirectRequests } from '../../shared/adapters/service-bus/redirect-policy.js';
import { buildPrograms } from '../fixtures/built-programs.js';
import { until } from '../fixtures/until.js';
import { quickRetry } from '../support/broker.js';

/** A broker process that can be killed and started again on the same data. */
interface BrokerProcess {
  readonly connectionString: string;
  readonly adminUrl: string;
  kill(): Promise<void>;
}

const entities = {
  hubs: [{ name: 'events', partitionCount: 2 }],
  queues: [
    { name: 'plain' },
    { name: 'unique', duplicateWindowMs: 600_000 },
    { name: 'sessions', requiresSession: true },
  ],
  topics: [{ name: 'news', subscriptions: [{ name: 'all' }] }],
};

let home: string;
const running: BrokerProcess[] = [];
beforeEach(async () => {
  await buildPrograms();
  home = await mkdtemp(path.join(tmpdir(), 'broker-crash-'));
});
afterEach(async () => {
  for (const broker of running.splice(0)) await broker.kill();
  await rm(home, { recursive: true, force: true });
});

async function start(): Promise<BrokerProcess> {
  const config = path.join(home, 'broker.json');
  await writeFile(config, JSON.stringify({ amqpPort: 0, adminPort: 0, dataDir: path.join(home, 'data'), entities }));
  const child: ChildProcess = spawn(process.execPath, [ownProgram('broker/main.js'), '--config', config], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout ?? process.stdin }), 'line')) as [string];
  const ports = JSON.parse(line) as { amqpPort: number; adminPort: number };
  const broker = {
    connectionString: `Endpoint=sb://127.0.0.1:${ports.amqpPort};SharedAccessKeyName=k;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`,
    adminUrl: `http://127.0.0.1:${ports.adminPort}`,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  running.push(broker);
  return broker;
}

const open = (broker: BrokerProcess): ServiceBusClient => new ServiceBusClient(broker.connectionString, quickRetry);

async function takeAll(client: ServiceBusClient, queue: string): Promise<unknown[]> {
  const receiver = client.createReceiver(queue, { receiveMode: 'receiveAndDelete' });
  const bodies: unknown[] = [];
  for (;;) {
    const batch = await receiver.receiveMessages(500, { maxWaitTimeInMs: 700 });
    if (batch.length === 0) return bodies;
    bodies.push(...batch.map(({ body }) => body as unknown));
  }
}

describe('a broker killed with SIGKILL', () => {
  it('has every message whose sender was told it was accepted', async () => {
    const first = await start();
    const client = open(first);
    const sender = client.createSender('plain');
    const accepted = new Set<number>();
    let next = 0;
    const sending = Array.from({ length: 20 }, async () => {
      for (;;) {
        const body = next++;
        await sender.sendMessages({ body });
        accepted.add(body);
      }
    });
    const ended = Promise.allSettled(sending);
    await until('hundreds of messages are accepted', () => (accepted.size > 300 ? true : undefined));

    await first.kill();
    await ended;
    await client.close();
    const again = open(await start());
    const found = await takeAll(again, 'plain');
    await again.close();

    expect(new Set(found).size).toBe(found.length);
    expect([...accepted].filter((body) => !found.includes(body))).toEqual([]);
  });

  it('has every event whose producer was told it was accepted, at the same place, and goes on without a gap', async () => {
    const first = await start();
    const producer = new EventHubProducerClient(first.connectionString, 'events', quickRetry);
    let accepted = 0;
    const sending = (async () => {
      for (;;) {
        await producer.sendBatch([{ body: accepted }], { partitionId: '0' });
        accepted += 1;
      }
    })();
    const ended = sending.catch(() => undefined);
    await until('a hundred events are accepted', () => (accepted > 100 ? true : undefined));

    await first.kill();
    await ended;
    await producer.close();
    const second = await start();
    const again = new EventHubProducerClient(second.connectionString, 'events', quickRetry);
    const { lastEnqueuedSequenceNumber: last } = await again.getPartitionProperties('0');
    await again.sendBatch([{ body: 'after' }], { partitionId: '0' });
    const events = await readAll(second, last + 2);
    await again.close();

    expect(last + 1).toBeGreaterThanOrEqual(accepted);
    expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(Array.from({ length: last + 2 }, (_, n) => n));
    expect(events.slice(0, accepted).map(({ body }) => body)).toEqual(Array.from({ length: accepted }, (_, n) => n));
    expect(events.at(-1)?.body).toBe('after');
  });

  it('has the state of its messages, sessions, entities and rules', async () => {
    const first = await start();
    const client = open(first);
    const admin = redirectRequests(new ServiceBusAdministrationClient(first.connectionString), first.adminUrl);
    await admin.createQueue('made', { maxDeliveryCount: 7 });
    await admin.createSubscription('news', 'red', {
      defaultRuleOptions: { name: '$Default', filter: { subject: 'red' } },
    });
    const sender = client.createSender('made');
    await sender.sendMessages(['completed', 'abandoned', 'deferred', 'dead'].map((body) => ({ body })));
    await sender.scheduleMessages({ body: 'scheduled' }, new Date(Date.now() + 3_600_000));
    const receiver = client.createReceiver('made');
    const [completed, abandoned, deferred, dead] = await receiver.receiveMessages(4, { maxWaitTimeInMs: 2_000 });
    if (!completed || !abandoned || !deferred || !dead) throw new Error('four messages were sent');
    await receiver.completeMessage(completed);
    await receiver.abandonMessage(abandoned, { tried: 1 });
    await receiver.deferMessage(deferred);
    await receiver.deadLetterMessage(dead, { deadLetterReason: 'bad', deadLetterErrorDescription: 'very' });
    await client.createSender('unique').sendMessages({ body: 1, messageId: 'x' });
    await client.createSender('sessions').sendMessages({ body: 1, sessionId: 's' });
    const session = await client.acceptSession('sessions', 's');
    await session.setSessionState(Buffer.from('half'));
    await first.kill();
    await client.close();

    const second = await start();
    const again = open(second);
    const adminAgain = redirectRequests(new ServiceBusAdministrationClient(second.connectionString), second.adminUrl);

    expect((await adminAgain.getQueue('made')).maxDeliveryCount).toBe(7);
    expect((await adminAgain.getRule('news', 'red', '$Default')).filter).toMatchObject({ subject: 'red' });
    const states = await again.createReceiver('made').peekMessages(10);
    expect(states.map(({ body, state, deliveryCount }) => [body as unknown, state, deliveryCount])).toEqual([
      ['abandoned', 'active', 1],
      ['deferred', 'deferred', 0],
      ['scheduled', 'scheduled', 0],
    ]);
    expect(states[0]?.applicationProperties).toEqual({ tried: 1 });
    const [grave] = await again.createReceiver('made', { subQueueType: 'deadLetter' }).peekMessages(5);
    expect(grave).toMatchObject({ body: 'dead', deadLetterReason: 'bad', deadLetterSource: 'made' });
    await again.createSender('unique').sendMessages({ body: 2, messageId: 'x' });
    expect((await again.createReceiver('unique').peekMessages(5)).map(({ body }) => body as unknown)).toEqual([1]);
    const sessionAgain = await again.acceptSession('sessions', 's');
    expect(String(await sessionAgain.getSessionState())).toBe('half');
    await again.close();
  });
});

function readAll(broker: BrokerProcess, count: number) {
  const client = new EventHubConsumerClient('$Default', broker.connectionString, 'events', quickRetry);
  const events: { sequenceNumber: number; body: unknown }[] = [];
  return new Promise<typeof events>((resolve, reject) => {
    client.subscribe(
      '0',
      {
        processEvents: async (batch) => {
          events.push(...batch.map(({ sequenceNumber, body }) => ({ sequenceNumber, body: body as unknown })));
          if (events.length >= count) void client.close().then(() => resolve(events), reject);
        },
        processError: async (error) => reject(error),
      },
      { startPosition: earliestEventPosition, maxBatchSize: 200 },
    );
  });
}
