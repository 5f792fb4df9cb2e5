import { describe, expect, it } from 'vitest';
import { parseBrokerConfig } from '../../../local/broker/config.js';

const ports = { amqpPort: 0, adminPort: 0 };
const parse = (config: object): ReturnType<typeof parseBrokerConfig> => parseBrokerConfig(JSON.stringify(config));

describe('the broker’s config file', () => {
  it('carries the settings of hubs, queues, topics and subscriptions', () => {
    const entities = {
      hubs: [{ name: 'h', partitionCount: 2, retentionMs: 3_600_000, maxPartitionBytes: 1_000_000 }],
      queues: [{ name: 'q', status: 'SendDisabled', autoDeleteOnIdleMs: 300_000, duplicateWindowMs: 60_000 }],
      topics: [{ name: 't', maxSizeInMegabytes: 2048, subscriptions: [{ name: 's', maxDeliveryCount: 3 }] }],
    };

    expect(parse({ ...ports, compactAboveBytes: 1_000_000, entities })).toEqual({
      ok: true,
      value: { host: '127.0.0.1', ...ports, compactAboveBytes: 1_000_000, entities },
    });
  });

  it('is refused with every problem named by its path', () => {
    const entities = {
      hubs: [{ name: 'h', partitionCount: 0, retentionMs: -1 }],
      queues: [{ name: 'q', status: 'Off' }],
    };

    const parsed = parse({ ...ports, entities });

    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.split(':')[0])).toEqual([
      'entities.hubs.0.partitionCount',
      'entities.hubs.0.retentionMs',
      'entities.queues.0.status',
    ]);
    expect(parseBrokerConfig('{')).toMatchObject({ ok: false });
  });
});
