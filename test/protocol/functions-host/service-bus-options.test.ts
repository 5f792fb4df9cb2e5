import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { release, seenBy, untilSeen, type Seen } from '../../fixtures/recorded.js';
import {
  startServices,
  startTuned,
  type Services,
  type TunedHost,
  type TunedOptions,
} from '../../fixtures/tuned-host.js';
import { until } from '../../fixtures/until.js';

const SHORT_LOCK_MS = 2000;
const shortLock = { lockDurationMs: SHORT_LOCK_MS };
const queues = [
  { name: 'minimum' },
  { name: 'waited' },
  { name: 'unsettled', ...shortLock },
  { name: 'unsettled-throws' },
  { name: 'single-held', ...shortLock },
  { name: 'batch-held', ...shortLock },
  { name: 'session-held', ...shortLock, requiresSession: true },
  { name: 'session-batch-held', ...shortLock, requiresSession: true },
  { name: 'sessions', requiresSession: true },
  { name: 'calls' },
];

describe('Service Bus options of host.json and of the trigger', () => {
  let services: Services;
  let client: ServiceBusClient;
  beforeAll(async () => {
    services = await startServices({ queues });
    client = new ServiceBusClient(services.amqp);
  });
  afterAll(async () => {
    await client.close();
    await services.stop();
  });

  async function send(queue: string, ...messages: ServiceBusMessage[]): Promise<void> {
    const sender = client.createSender(queue);
    await sender.sendMessages(messages);
    await sender.close();
  }
  /** Nothing is left, neither waiting nor locked. */
  async function untilEmpty(queue: string): Promise<void> {
    const receiver = client.createReceiver(queue);
    await until(`${queue} is empty`, async () => ((await receiver.peekMessages(1)).length === 0 ? true : undefined));
    await receiver.close();
  }
  async function withHost<T>(options: TunedOptions, work: (host: TunedHost) => Promise<T>): Promise<T> {
    const host = await startTuned(services, options);
    try {
      return await work(host);
    } finally {
      await host.stop();
    }
  }
  const counts = (seen: readonly Seen[]): unknown[] => seen.map(({ metadata }) => metadata['deliveryCountArray']);

  /** See `hold` arrive, wait until its lock would have run out twice, let it go. */
  async function holdPastLock(host: TunedHost, name: string): Promise<void> {
    const [first] = await untilSeen(host, name, 'hold');
    const overAt = (first?.atMs ?? 0) + 2 * SHORT_LOCK_MS;
    await until('the lock would have run out', () => (Date.now() > overAt ? true : undefined));
    expect(await seenBy(host, name)).toHaveLength(1);
    await release(host);
  }

  it('hold a batch back until it has minMessageBatchSize messages', () =>
    withHost(
      { run: 'batches', entity: 'minimum', extensions: { serviceBus__minMessageBatchSize: '3' } },
      async (host) => {
        for (const body of ['a', 'b', 'c']) await send('minimum', { body });
        const seen = await untilSeen(host, 'batches', 'c');
        expect(seen.map(({ bodies }) => bodies)).toEqual([['a', 'b', 'c']]);
      },
    ));

  it('let a batch below the minimum go after maxBatchWaitTime, not before', async () => {
    const extensions = { serviceBus__minMessageBatchSize: '3', serviceBus__maxBatchWaitTime: '00:00:02' };
    await withHost({ run: 'batches', entity: 'waited', extensions }, async (host) => {
      const sentAt = Date.now();
      await send('waited', { body: 'alone' });
      const [first] = await untilSeen(host, 'batches', 'alone');
      expect((first?.atMs ?? 0) - sentAt).toBeGreaterThanOrEqual(2000);
      await untilEmpty('waited');
    });
  });

  it('leave a message locked after a success when autoCompleteMessages is false: it comes again with the lock’s end', () =>
    withHost({ run: 'unsettled', entity: 'unsettled' }, async (host) => {
      await send('unsettled', { body: 'again' });
      const seen = await untilSeen(host, 'unsettled', 'again', 2);
      expect(counts(seen).slice(0, 2)).toEqual([[1], [2]]);
      expect((seen[1]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(SHORT_LOCK_MS / 2);
    }));

  it('abandon at once after a throw even when autoCompleteMessages is false', () =>
    withHost({ run: 'unsettled', entity: 'unsettled-throws' }, async (host) => {
      // The lock of this queue outlives the test: only an abandoned message can come again.
      await send('unsettled-throws', { body: 'once' });
      expect(counts(await untilSeen(host, 'unsettled', 'once', 2))).toEqual([[1], [2]]);
    }));

  it('renew the lock of a single message while its function runs', () =>
    withHost({ run: 'singles', entity: 'single-held' }, async (host) => {
      await send('single-held', { body: 'hold' });
      await holdPastLock(host, 'singles');
      await untilEmpty('single-held');
      expect(await seenBy(host, 'singles')).toHaveLength(1);
    }));

  it('renew no lock of a batch: what runs longer than the lock comes again', () =>
    withHost({ run: 'batches', entity: 'batch-held' }, async (host) => {
      await send('batch-held', { body: 'hold' });
      await holdPastLock(host, 'batches');
      expect(counts(await untilSeen(host, 'batches', 'hold', 2))).toEqual([[1], [2]]);
      await untilEmpty('batch-held');
    }));

  it('renew the lock of a session that is read one message at a time', () =>
    withHost({ run: 'sessionSingles', entity: 'session-held' }, async (host) => {
      await send('session-held', { body: 'hold', sessionId: 's' });
      await holdPastLock(host, 'sessionSingles');
      await untilEmpty('session-held');
      expect(await seenBy(host, 'sessionSingles')).toHaveLength(1);
    }));

  it('renew no lock of a session that is read in batches', () =>
    withHost({ run: 'sessionBatches', entity: 'session-batch-held' }, async (host) => {
      await send('session-batch-held', { body: 'hold', sessionId: 's' });
      await holdPastLock(host, 'sessionBatches');
      expect(counts(await untilSeen(host, 'sessionBatches', 'hold', 2))).toEqual([[1], [2]]);
      await untilEmpty('session-batch-held');
    }));

  it('give batches of one session each, in order, all of one session before the next', async () => {
    for (const sessionId of ['x', 'y']) {
      await send('sessions', ...[1, 2, 3].map((n) => ({ body: `${sessionId}${n}`, sessionId })));
    }
    const entity = 'sessions';
    const extensions = { serviceBus__maxMessageBatchSize: '2' };
    await withHost({ run: 'sessionBatches', entity, extensions }, async (host) => {
      await untilSeen(host, 'sessionBatches', 'x3');
      const seen = await untilSeen(host, 'sessionBatches', 'y3');
      for (const { metadata } of seen) expect(new Set(metadata['sessionIdArray'] as string[]).size).toBe(1);
      const bodies = seen.flatMap((one) => one.bodies as string[]);
      const expected = [...['x1', 'x2', 'x3'], ...['y1', 'y2', 'y3']];
      expect(bodies).toEqual(bodies[0] === 'x1' ? expected : [...expected.slice(3), ...expected.slice(0, 3)]);
      await untilEmpty('sessions');
    });
  });

  it('run at most maxConcurrentCalls single messages at once', () =>
    withHost({ run: 'singles', entity: 'calls', extensions: { serviceBus__maxConcurrentCalls: '2' } }, async (host) => {
      await send('calls', ...['hold-1', 'hold-2', 'hold-3'].map((body) => ({ body })));
      await untilSeen(host, 'singles', 'hold', 2);
      expect(host.program.lastLines.filter((line) => line.includes("Executing 'singles'"))).toHaveLength(2);
      await release(host);
      await untilSeen(host, 'singles', 'hold', 3);
      await untilEmpty('calls');
    }));
});
