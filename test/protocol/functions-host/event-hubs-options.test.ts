import { EventHubProducerClient } from '@azure/event-hubs';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilSeen, type Seen } from '../../fixtures/recorded.js';
import { startServices, startTuned, type Services, type TunedHost } from '../../fixtures/tuned-host.js';
import { until } from '../../fixtures/until.js';

const HUBS = ['minimum', 'waited', 'frequency', 'unkept', 'from-end', 'from-time', 'stopping'] as const;
type Hub = (typeof HUBS)[number];

describe('Event Hubs options of host.json', () => {
  let services: Services;
  beforeAll(async () => {
    services = await startServices({ hubs: HUBS.map((name) => ({ name, partitionCount: 1 })) });
  });
  afterAll(() => services.stop());

  async function use<T>(hub: Hub, work: (producer: EventHubProducerClient) => Promise<T>): Promise<T> {
    const producer = new EventHubProducerClient(services.amqp, hub);
    try {
      return await work(producer);
    } finally {
      await producer.close();
    }
  }
  const send = (hub: Hub, body: string): Promise<void> => use(hub, (producer) => producer.sendBatch([{ body }]));
  const lastEnqueued = (hub: Hub): Promise<Date> =>
    use(hub, async (producer) => (await producer.getPartitionProperties('0')).lastEnqueuedOnUtc);

  const start = (entity: Hub, options: Record<string, string>): Promise<TunedHost> =>
    startTuned(services, {
      run: 'hub',
      entity,
      extensions: Object.fromEntries(Object.entries(options).map(([name, value]) => [`eventHubs__${name}`, value])),
    });

  /** Run one host, see a text arrive, and stop the host by a signal. */
  async function seeOnce(hub: Hub, options: Record<string, string>, text: string): Promise<Seen[]> {
    const host = await start(hub, options);
    const seen = await untilSeen(host, 'hub', text);
    await host.stop();
    return seen;
  }
  const bodiesOf = (seen: readonly Seen[]): unknown[] => seen.flatMap(({ bodies }) => bodies);

  it('hold a batch back until it has minEventBatchSize events', async () => {
    const host = await start('minimum', { minEventBatchSize: '3' });
    for (const body of ['a', 'b', 'c']) await send('minimum', body);
    const seen = await untilSeen(host, 'hub', 'c');
    expect(seen.map(({ bodies }) => bodies)).toEqual([['a', 'b', 'c']]);
    await host.stop();
  });

  it('let a batch below the minimum go after maxWaitTime, not before', async () => {
    const host = await start('waited', { minEventBatchSize: '3', maxWaitTime: '00:00:02' });
    await send('waited', 'alone');
    const [first] = await untilSeen(host, 'hub', 'alone');
    const [enqueued] = first?.metadata['enqueuedTimeUtcArray'] as [string];
    expect((first?.atMs ?? 0) - Date.parse(enqueued)).toBeGreaterThanOrEqual(2000);
    await host.stop();
  });

  it('write the checkpoint with every batchCheckpointFrequency-th batch only', async () => {
    const host = await start('frequency', { batchCheckpointFrequency: '2' });
    const isCheckpointing = (seen: readonly Seen[]): unknown => seen.at(-1)?.metadata['triggerPartitionContext'];
    await send('frequency', 'one');
    const first = await untilSeen(host, 'hub', 'one');
    expect(isCheckpointing(first)).toMatchObject({ isCheckpointingAfterInvocation: false });
    await host.program.kill('SIGKILL');
    await host.stop();

    const second = await start('frequency', { batchCheckpointFrequency: '2' });
    await untilSeen(second, 'hub', 'one');
    await send('frequency', 'two');
    const both = await untilSeen(second, 'hub', 'two');
    expect(isCheckpointing(both)).toMatchObject({ isCheckpointingAfterInvocation: true });
    await until('the checkpoint is stored', async () =>
      (await hasCheckpoint(services, 'frequency')) ? true : undefined,
    );
    await second.program.kill('SIGKILL');
    await second.stop();

    await send('frequency', 'three');
    expect(bodiesOf(await seeOnce('frequency', { batchCheckpointFrequency: '2' }, 'three'))).toEqual(['three']);
  });

  it('write no checkpoint at all when enableCheckpointing is false', async () => {
    await send('unkept', 'again');
    const first = await seeOnce('unkept', { enableCheckpointing: 'false' }, 'again');
    expect(first[0]?.metadata['triggerPartitionContext']).toMatchObject({ isCheckpointingAfterInvocation: false });
    await seeOnce('unkept', { enableCheckpointing: 'false' }, 'again');
    expect(await hasCheckpoint(services, 'unkept')).toBe(false);
  });

  it('start at the end of a partition without checkpoint when initialOffsetOptions say fromEnd', async () => {
    await send('from-end', 'early');
    const host = await start('from-end', { initialOffsetOptions__type: 'fromEnd' });
    let sent = 0;
    const seen = await until('an event sent after the start', async () => {
      await send('from-end', `late-${(sent += 1)}`);
      const all = await untilSeen(host, 'hub', '', 0);
      return all.length > 0 ? all : undefined;
    });
    expect(bodiesOf(seen)).not.toContain('early');
    await host.stop();
  });

  it('start behind a time when initialOffsetOptions say fromEnqueuedTime', async () => {
    await send('from-time', 'old');
    const oldest = await lastEnqueued('from-time');
    await until('a later event', async () => {
      await send('from-time', 'new');
      return (await lastEnqueued('from-time')) > oldest ? true : undefined;
    });
    await send('from-time', 'last');
    const options = {
      initialOffsetOptions__type: 'fromEnqueuedTime',
      initialOffsetOptions__enqueuedTimeUtc: oldest.toISOString(),
    };
    const bodies = bodiesOf(await seeOnce('from-time', options, 'last'));
    expect(bodies).toContain('new');
    expect(bodies).not.toContain('old');
  });

  it('do not matter to a host that stops: what it ended meanwhile is not checkpointed and comes again', async () => {
    await send('stopping', 'slow');
    const host = await start('stopping', {});
    await untilSeen(host, 'hub', 'slow');
    await host.stop();
    expect(host.program.exitCode).toBe(0);
    expect(host.program.lastLines.join('\n')).toContain("Executed 'hub' (Succeeded");
    await seeOnce('stopping', {}, 'slow');
  });
});

async function hasCheckpoint({ storage }: Services, hub: Hub): Promise<boolean> {
  const container = BlobServiceClient.fromConnectionString(storage).getContainerClient('azure-webjobs-eventhub');
  for await (const { name } of container.listBlobsFlat()) {
    if (name.includes(`/${hub}/`) && name.includes('/checkpoint/')) return true;
  }
  return false;
}
