import { randomUUID } from 'node:crypto';
import {
  EventHubBufferedProducerClient,
  EventHubConsumerClient,
  EventHubProducerClient,
  earliestEventPosition,
  type EventPosition,
  latestEventPosition,
  type ReceivedEventData,
} from '@azure/event-hubs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../local/broker/broker.js';
import { quickRetry } from '../support/broker.js';

let broker: Broker;
const names = Array.from({ length: 20 }, () => `hub-${randomUUID()}`);
let used = 0;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  const hubs = names.map((name) => ({ name, partitionCount: 4, consumerGroups: ['other'] }));
  broker = await startBroker({ amqpPort: 0, adminPort: 0, entities: { hubs } });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => broker.close());

/** A fresh hub with a producer on it. */
function open(): { hub: string; producer: EventHubProducerClient } {
  const hub = names[used++] ?? '';
  const producer = new EventHubProducerClient(broker.connectionString, hub, quickRetry);
  closing.push(() => producer.close());
  return { hub, producer };
}

function consumer(hub: string, group = '$Default'): EventHubConsumerClient {
  const client = new EventHubConsumerClient(group, broker.connectionString, hub, quickRetry);
  closing.push(() => client.close());
  return client;
}

/** Events of one partition from a position on, as soon as `count` are there. */
function read(
  client: EventHubConsumerClient,
  partition: string,
  options: { count: number; from?: EventPosition; ownerLevel?: number },
): Promise<ReceivedEventData[]> {
  const events: ReceivedEventData[] = [];
  return new Promise((resolve, reject) => {
    const subscription = client.subscribe(
      partition,
      {
        processEvents: async (batch) => {
          events.push(...batch);
          if (events.length >= options.count) void subscription.close().then(() => resolve(events));
        },
        processError: async (error) => reject(error),
      },
      {
        startPosition: options.from ?? earliestEventPosition,
        ...(options.ownerLevel !== undefined && { ownerLevel: options.ownerLevel }),
        trackLastEnqueuedEventProperties: true,
      },
    );
  });
}

describe('Event Hubs clients on the broker', () => {
  it('read what was sent, every field intact', async () => {
    const { hub, producer } = open();
    await producer.sendBatch(
      [
        {
          body: { a: 1 },
          messageId: 'm',
          correlationId: 'c',
          contentType: 'application/json',
          properties: { p: 'q', n: 3 },
        },
      ],
      {
        partitionId: '2',
      },
    );

    const [event] = await read(consumer(hub), '2', { count: 1 });

    expect(event).toMatchObject({
      body: { a: 1 },
      messageId: 'm',
      correlationId: 'c',
      properties: { p: 'q', n: 3 },
      sequenceNumber: 0,
    });
    expect(event?.offset).toBe('0');
    expect(event?.enqueuedTimeUtc.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('read an event without an id without one', async () => {
    const { hub, producer } = open();
    await producer.sendBatch([{ body: 'plain' }, { body: 'typed', contentType: 'text/plain' }], { partitionId: '0' });

    const events = await read(consumer(hub), '0', { count: 2 });

    expect(events).toMatchObject([{ body: 'plain' }, { body: 'typed', contentType: 'text/plain' }]);
    expect(events.map(({ messageId }) => messageId ?? undefined)).toEqual([undefined, undefined]);
  });

  it('tell hub and partition properties', async () => {
    const { hub, producer } = open();
    await producer.sendBatch([{ body: 1 }, { body: 2 }], { partitionId: '1' });

    expect(await producer.getEventHubProperties()).toMatchObject({ name: hub, partitionIds: ['0', '1', '2', '3'] });
    expect(await producer.getPartitionProperties('1')).toMatchObject({
      beginningSequenceNumber: 0,
      lastEnqueuedSequenceNumber: 1,
      isEmpty: false,
    });
    expect(await producer.getPartitionProperties('0')).toMatchObject({ lastEnqueuedSequenceNumber: -1, isEmpty: true });
  });

  it('send one key to one partition, and keyless batches in turn', async () => {
    const { producer } = open();
    for (let n = 0; n < 8; n += 1) await producer.sendBatch([{ body: n }]);
    const counts = async (): Promise<number[]> =>
      Promise.all(
        ['0', '1', '2', '3'].map(
          async (id) => (await producer.getPartitionProperties(id)).lastEnqueuedSequenceNumber + 1,
        ),
      );
    expect(await counts()).toEqual([2, 2, 2, 2]);

    for (let n = 0; n < 5; n += 1) await producer.sendBatch([{ body: n }], { partitionKey: 'same' });

    expect((await counts()).sort()).toEqual([2, 2, 2, 7]);
  });

  it('keep the partition key on the event', async () => {
    const { hub, producer } = open();
    await producer.sendBatch([{ body: 1 }], { partitionKey: 'k' });
    const properties = await Promise.all(['0', '1', '2', '3'].map((id) => producer.getPartitionProperties(id)));
    const id = properties.find(({ isEmpty }) => !isEmpty)?.partitionId ?? '';

    const [event] = await read(consumer(hub), id, { count: 1 });

    expect(event?.partitionKey).toBe('k');
  });

  it.each<[string, (third: ReceivedEventData) => EventPosition, unknown[]]>([
    ['an offset', ({ offset }) => ({ offset }), [3, 4]],
    ['an offset, inclusive', ({ offset }) => ({ offset, isInclusive: true }), [2, 3, 4]],
    ['a sequence number', ({ sequenceNumber }) => ({ sequenceNumber }), [3, 4]],
    ['a sequence number, inclusive', ({ sequenceNumber }) => ({ sequenceNumber, isInclusive: true }), [2, 3, 4]],
    ['a time before all', () => ({ enqueuedOn: Date.now() - 3_600_000 }), [0, 1, 2, 3, 4]],
  ])('read from %s', async (_, toPosition, expected) => {
    const { hub, producer } = open();
    await producer.sendBatch(
      [0, 1, 2, 3, 4].map((body) => ({ body })),
      { partitionId: '0' },
    );
    const all = await read(consumer(hub), '0', { count: 5 });

    const third = all[2];
    if (!third) throw new Error('five events were sent');
    const events = await read(consumer(hub), '0', { count: expected.length, from: toPosition(third) });

    expect(events.map(({ body }) => body as unknown)).toEqual(expected);
  });

  it('read from the latest: only what comes after', async () => {
    const { hub, producer } = open();
    await producer.sendBatch([{ body: 'old' }], { partitionId: '0' });
    const client = consumer(hub);
    const reading = read(client, '0', { count: 1, from: latestEventPosition });
    const sending = setInterval(() => void producer.sendBatch([{ body: 'new' }], { partitionId: '0' }), 100);

    const [event] = await reading;
    clearInterval(sending);

    expect(event?.body).toBe('new');
  });

  it('lose the partition to a reader with a higher epoch', async () => {
    const { hub, producer } = open();
    await producer.sendBatch([{ body: 1 }], { partitionId: '0' });
    const lost = new Promise<unknown>((resolve) => {
      consumer(hub).subscribe(
        '0',
        { processEvents: async () => undefined, processError: async (error) => resolve(error) },
        { ownerLevel: 1, startPosition: earliestEventPosition },
      );
    });
    await read(consumer(hub, 'other'), '0', { count: 1 });

    await read(consumer(hub), '0', { count: 1, ownerLevel: 2 });

    expect(await lost).toMatchObject({ code: 'ReceiverDisconnectedError' });
  });

  it('are told of a partition that does not exist', async () => {
    const { producer } = open();

    await expect(producer.sendBatch([{ body: 1 }], { partitionId: '9' })).rejects.toMatchObject({
      code: 'ArgumentOutOfRangeError',
    });
  });
});

describe('the buffered producer', () => {
  it('sends with idempotence granted', async () => {
    const hub = names[used++] ?? '';
    const client = new EventHubBufferedProducerClient(broker.connectionString, hub, {
      onSendEventsErrorHandler: () => undefined,
      // Not in the public typings yet; the client reads it.
      ...{ enableIdempotentRetries: true },
      ...quickRetry,
    });
    await client.enqueueEvents(Array.from({ length: 20 }, (_, n) => ({ body: n })));
    await client.flush();

    const counts = await Promise.all(['0', '1', '2', '3'].map((id) => client.getPartitionProperties(id)));
    await client.close();

    expect(counts.reduce((sum, { lastEnqueuedSequenceNumber }) => sum + lastEnqueuedSequenceNumber + 1, 0)).toBe(20);
  });
});
