import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  earliestEventPosition,
  EventHubConsumerClient,
  EventHubProducerClient,
  type LastEnqueuedEventProperties,
  type ReceivedEventData,
} from '@azure/event-hubs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../local/broker/broker.js';
import type { HubDescription } from '../../local/broker/event-hubs/hubs.js';
import { until } from '../fixtures/until.js';
import { quickRetry } from '../support/broker.js';

const hourMs = 3_600_000;
let dataDir: string;
let broker: Broker | undefined;
/** The broker's clock stands still unless it is moved. */
let nowMs = 0;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'retention-'));
  nowMs = Date.UTC(2026, 0, 1);
});
afterEach(async () => {
  await broker?.close();
  broker = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

async function start(settings: Partial<HubDescription> = {}): Promise<Broker> {
  await broker?.close();
  const hubs = [{ name: 'events', partitionCount: 1, ...settings }];
  broker = await startBroker({ amqpPort: 0, adminPort: 0, dataDir, nowMs: () => nowMs, entities: { hubs } });
  return broker;
}

async function producing<T>(act: (producer: EventHubProducerClient) => Promise<T>): Promise<T> {
  const producer = new EventHubProducerClient(broker?.connectionString ?? '', 'events', quickRetry);
  try {
    return await act(producer);
  } finally {
    await producer.close();
  }
}

const send = (...bodies: unknown[]): Promise<void> =>
  producing((producer) => producer.sendBatch(bodies.map((body) => ({ body }))));

async function place(): Promise<{ first: number; last: number; isEmpty: boolean }> {
  const found = await producing((producer) => producer.getPartitionProperties('0'));
  return { first: found.beginningSequenceNumber, last: found.lastEnqueuedSequenceNumber, isEmpty: found.isEmpty };
}

/** The first events of the partition, with what the client is told about its end. */
function read(count: number): Promise<{ events: ReceivedEventData[]; end: LastEnqueuedEventProperties | undefined }> {
  const client = new EventHubConsumerClient('$Default', broker?.connectionString ?? '', 'events', quickRetry);
  const events: ReceivedEventData[] = [];
  return new Promise((resolve, reject) => {
    client.subscribe(
      '0',
      {
        processEvents: async (batch, { lastEnqueuedEventProperties: end }) => {
          events.push(...batch);
          if (events.length >= count) void client.close().then(() => resolve({ events, end }), reject);
        },
        processError: async (error) => reject(error),
      },
      { startPosition: earliestEventPosition, trackLastEnqueuedEventProperties: true },
    );
  });
}

describe('events older than the retention', () => {
  it('are gone as time passes, without another event', async () => {
    await start({ retentionMs: hourMs });
    await send('old');
    nowMs += hourMs / 2;
    await send('young');
    expect(await place()).toEqual({ first: 0, last: 1, isEmpty: false });

    nowMs += hourMs / 2 + 1;

    await until('the old event is gone', async () => ((await place()).first === 1 ? true : undefined));
    expect((await read(1)).events.map(({ body }) => body as unknown)).toEqual(['young']);
    nowMs += hourMs;
    await until('the partition is empty', async () => ((await place()).isEmpty ? true : undefined));
    expect(await place()).toEqual({ first: 2, last: 1, isEmpty: true });
  });

  it('are gone when a broker starts on them, and the numbers go on', async () => {
    await start({ retentionMs: hourMs });
    await send(1, 2, 3);
    nowMs += hourMs + 1;

    await start({ retentionMs: hourMs });

    expect(await place()).toEqual({ first: 3, last: 2, isEmpty: true });
    await send(4);
    const { events } = await read(1);
    expect(events.map(({ body, sequenceNumber }) => [body as unknown, sequenceNumber])).toEqual([[4, 3]]);
  });

  it('leave their numbers behind also when the journal was rewritten', async () => {
    await start({ retentionMs: hourMs });
    for (let n = 0; n < 6; n += 1) await send('x'.repeat(900_000));
    const before = (await stat(path.join(dataDir, 'broker.journal'))).size;
    const { offset } = (await read(6)).events.at(-1) ?? { offset: '' };
    nowMs += hourMs + 1;

    await start({ retentionMs: hourMs });
    expect((await stat(path.join(dataDir, 'broker.journal'))).size).toBeLessThan(before / 100);
    await start({ retentionMs: hourMs });

    expect(await place()).toEqual({ first: 6, last: 5, isEmpty: true });
    await send('next');
    const [event] = (await read(1)).events;
    expect(event?.sequenceNumber).toBe(6);
    expect(Number(event?.offset)).toBeGreaterThan(Number(offset));
  });

  it('are kept for 24 hours where nothing else is said', async () => {
    await start();
    await send('kept');
    nowMs += 24 * hourMs;

    await start();
    expect(await place()).toEqual({ first: 0, last: 0, isEmpty: false });
    nowMs += 1;
    await start();

    expect(await place()).toEqual({ first: 1, last: 0, isEmpty: true });
  });
});

describe('a partition larger than it may be', () => {
  it('drops its oldest events, also when a broker starts on it with a smaller limit', async () => {
    await start({ maxPartitionBytes: 10_000 });
    for (let n = 0; n < 12; n += 1) await send(`${n}`.padEnd(1_000));
    const { first, last } = await place();
    expect(last).toBe(11);
    expect(first).toBeGreaterThanOrEqual(2);
    expect(first).toBeLessThan(6);

    await start({ maxPartitionBytes: 3_500 });

    expect((await place()).first).toBeGreaterThanOrEqual(8);
    expect((await read(1)).events[0]?.body).toMatch(/^(8|9|10|11) /);
  });
});

describe('what a reader is told about the end of its partition', () => {
  it('carries the time of the telling, not that of the last event', async () => {
    await start();
    await send('only');
    const sentAtMs = nowMs;
    nowMs += 90_000;

    const { end } = await read(1);

    expect(end).toMatchObject({ sequenceNumber: 0, enqueuedOn: new Date(sentAtMs), retrievedOn: new Date(nowMs) });
  });
});
