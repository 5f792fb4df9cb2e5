import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMessagingStack } from '../../fixtures/messaging-stack.js';
import { untilSeen } from '../../fixtures/recorded.js';
import { until } from '../../fixtures/until.js';
import type { Stack } from '../../../local/stack/start-stack.js';

describe('A Service Bus trigger', () => {
  let stack: Stack;
  let client: ServiceBusClient;
  beforeAll(async () => {
    stack = await startMessagingStack();
    client = new ServiceBusClient(stack.endpoints.amqp);
  });
  afterAll(async () => {
    await client.close();
    await stack.stop();
  });

  async function send(entity: string, ...messages: ServiceBusMessage[]): Promise<void> {
    const sender = client.createSender(entity);
    await sender.sendMessages(messages);
    await sender.close();
  }

  it('delivers what is ready as one batch, with metadata arrays', async () => {
    await send(
      'batches',
      { body: { n: 1 }, messageId: 'm1', applicationProperties: { Tenant: 'a' } },
      { body: { n: 2 }, messageId: 'm2' },
    );
    const [first] = await untilSeen(stack, 'queueMany', '"n":1');
    expect(first?.bodies).toEqual([{ n: 1 }, { n: 2 }]);
    expect(first?.metadata).toMatchObject({
      messageIdArray: ['m1', 'm2'],
      deliveryCountArray: [1, 1],
      applicationPropertiesArray: [{ tenant: 'a' }, {}],
      correlationIdArray: [],
    });
  });

  it('hands a message to its function without waiting for a batch to fill', async () => {
    const waits: number[] = [];
    for (const body of ['quick-1', 'quick-2', 'quick-3', 'quick-4', 'quick-5']) {
      await send('batches', { body });
      const one = (await untilSeen(stack, 'queueMany', body)).find(({ bodies }) => bodies.includes(body));
      const [enqueued] = one?.metadata['enqueuedTimeUtcArray'] as [string];
      waits.push((one?.atMs ?? Infinity) - Date.parse(enqueued));
    }
    // The client would linger a second for more. A busy machine may delay one of them, not every one.
    expect(Math.min(...waits)).toBeLessThan(1000);
  });

  it('abandons the whole batch at a throw, good messages included', async () => {
    await send('batches', { body: 'batch-once' }, { body: 'batch-neighbour' });
    const seen = await untilSeen(stack, 'queueMany', 'batch-neighbour', 2);
    const deliveries = seen.filter(({ bodies }) => bodies.includes('batch-neighbour'));
    expect(deliveries.at(-1)?.metadata['deliveryCountArray']).toContain(2);
  });

  it('has a message that always fails dead-lettered after its last delivery', async () => {
    await send('batches', { body: 'poison-always' });
    const receiver = client.createReceiver('batches', { subQueueType: 'deadLetter', receiveMode: 'receiveAndDelete' });
    const [dead] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
    await receiver.close();
    expect(dead).toMatchObject({ body: 'poison-always', deadLetterReason: 'MaxDeliveryCountExceeded' });
    const seen = await untilSeen(stack, 'queueMany', 'poison-always', 3);
    expect(seen.filter(({ bodies }) => bodies.includes('poison-always'))).toHaveLength(3);
  });

  it('delivers single messages when the cardinality is one', async () => {
    await send('singles', { body: 'alone', subject: 'greeting', applicationProperties: { Kind: 'x' } });
    const [first] = await untilSeen(stack, 'queueOne', 'alone');
    expect(first?.bodies).toEqual(['alone']);
    expect(first?.metadata).toMatchObject({
      subject: 'greeting',
      label: 'greeting',
      deliveryCount: 1,
      applicationProperties: { kind: 'x' },
    });
  });

  it('abandons only the message that failed when the cardinality is one', async () => {
    await send('singles', { body: 'single-once' }, { body: 'single-good' });
    const seen = await untilSeen(stack, 'queueOne', 'single-once', 2);
    expect(seen.filter(({ bodies }) => bodies.includes('single-good'))).toHaveLength(1);
  });

  it('keeps the order inside a session', async () => {
    await send('sessions', ...['1', '2', '3'].map((n) => ({ body: `s-${n}`, sessionId: 'one' })));
    const seen = await untilSeen(stack, 'sessions', 's-3');
    expect(seen.map(({ bodies }) => bodies[0])).toEqual(['s-1', 's-2', 's-3']);
    expect(seen[0]?.metadata['sessionId']).toBe('one');
  });

  it('listens to a topic’s subscription', async () => {
    await send('news', { body: 'headline' });
    await untilSeen(stack, 'topicMany', 'headline');
  });

  it('goes on after the broker was restarted', async () => {
    await stack.broker.restart();
    await until('the broker takes messages', async () => {
      try {
        await send('batches', { body: 'after-restart' });
        return true;
      } catch {
        return undefined;
      }
    });
    await untilSeen(stack, 'queueMany', 'after-restart');
  });

  it('gets again what was in flight when the host was killed, after the lock has ended', async () => {
    await send('batches', { body: 'slow-killed' });
    await untilSeen(stack, 'queueMany', 'slow-killed');
    await stack.host.kill('SIGKILL');
    await stack.host.restart();
    const seen = await untilSeen(stack, 'queueMany', 'slow-killed');
    const delivery = seen.find(({ bodies }) => bodies.includes('slow-killed'));
    expect(delivery?.metadata['deliveryCountArray']).toEqual([2]);
  });
});
