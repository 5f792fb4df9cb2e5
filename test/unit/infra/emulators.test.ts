import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createEmulatorFiles } from '../../../cli/emulator/emulator-files.js';
import { toEventHubsConfig } from '../../../cli/emulator/event-hubs-config.js';
import { toServiceBusConfig } from '../../../cli/emulator/service-bus-config.js';
import { toEntities } from '../../../shared/config/entities.js';
import { parseSettings } from '../../../shared/config/settings.js';

const read = (name: string): string => readFileSync(join('infra/emulators', name), 'utf8');
const sample = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as { Values: Record<string, string> };
const emulated = JSON.parse(read('settings.json')) as { Values: Record<string, string> };
const entities = toEntities(parseSettings(emulated.Values));

interface ServiceBusEntity {
  readonly Name: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly Subscriptions?: readonly (ServiceBusEntity & { Rules: readonly { Name: string }[] })[];
}
const serviceBus = (
  JSON.parse(read('service-bus.json')) as {
    UserConfig: { Namespaces: [{ Queues: ServiceBusEntity[]; Topics: ServiceBusEntity[] }] };
  }
).UserConfig.Namespaces[0];

describe('the files of the emulators', () => {
  it('are what `npm run emulator-config` writes', async () => {
    const files = await createEmulatorFiles();

    for (const [name, text] of Object.entries(files)) expect(read(name), name).toBe(text);
  });

  it('give func the same settings as the sample, except where the brokers answer', () => {
    const differing = Object.keys(sample.Values).filter((key) => emulated.Values[key] !== sample.Values[key]);

    expect(Object.keys(emulated.Values)).toEqual(Object.keys(sample.Values));
    expect(differing).toEqual(['EVENTHUB', 'SERVICEBUS', 'SERVICEBUS_ADMIN_URL']);
  });

  it('name every queue and topic of the entity list', () => {
    expect(serviceBus.Queues.map(({ Name }) => Name)).toEqual(entities.queues.map(({ name }) => name));
    expect(serviceBus.Topics.map(({ Name }) => Name)).toEqual(entities.topics.map(({ name }) => name));
  });

  it('stay within what the emulators take', () => {
    const names = /^[A-Za-z0-9]$|^[A-Za-z0-9][\w\-./]*[A-Za-z0-9]$/;
    const subscriptions = serviceBus.Topics.flatMap((topic) => topic.Subscriptions ?? []);

    expect(subscriptions.length).toBeGreaterThan(0);
    for (const { Name, Properties } of [...serviceBus.Queues, ...serviceBus.Topics, ...subscriptions]) {
      expect(Name).toMatch(names);
      expect(['PT1H', undefined]).toContain(Properties['DefaultMessageTimeToLive']);
      expect(['PT1M', 'PT2M', undefined]).toContain(Properties['LockDuration']);
      expect(Number(Properties['MaxDeliveryCount'] ?? 1)).toBeLessThanOrEqual(10);
    }
    expect(serviceBus.Topics[0]?.Properties['DuplicateDetectionHistoryTimeWindow']).toBe('PT5M');
    for (const { Rules } of subscriptions) {
      expect(Rules).toHaveLength(1);
      for (const { Name } of Rules) expect(Name).toMatch(names);
    }
  });

  it('let a consumer receive its own triggers only', () => {
    const config = JSON.stringify(toServiceBusConfig({ queues: [], topics: entities.topics }, ['dp.a.b']));

    expect(config).toContain('"CorrelationFilter":{"Label":"dp.a.b"}');
  });

  it('give the hub its partitions as text, and leave out the group every hub has', () => {
    expect(toEventHubsConfig({ hubs: [{ name: 'h', partitionCount: 2, consumerGroups: [] }] })).toMatchObject({
      UserConfig: { NamespaceConfig: [{ Entities: [{ Name: 'h', PartitionCount: '2' }] }] },
    });
    expect(JSON.parse(read('event-hubs.json'))).toMatchObject({
      UserConfig: {
        NamespaceConfig: [{ Entities: [{ Name: 'readiness-events', ConsumerGroups: [{ Name: 'outport' }] }] }],
      },
    });
  });
});

describe('docker-compose.yaml', () => {
  const { services } = parse(readFileSync('docker-compose.yaml', 'utf8')) as {
    services: Record<string, { volumes?: string[]; ports?: string[]; depends_on?: string[] }>;
  };

  it('mounts files that exist and waits for services that exist', () => {
    for (const service of Object.values(services)) {
      for (const volume of service.volumes ?? [])
        expect(read(volume.split(':')[0]?.split('/').at(-1) ?? '')).toBeTruthy();
      for (const needed of service.depends_on ?? []) expect(Object.keys(services)).toContain(needed);
    }
  });

  it('opens each port once, on this machine only, where the settings look for it', () => {
    const open = Object.values(services).flatMap(({ ports }) => ports ?? []);
    const hostPorts = open.map((port) => port.split(':')[1]);

    expect(new Set(hostPorts).size).toBe(hostPorts.length);
    for (const port of open) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(hostPorts).toEqual(expect.arrayContaining(['5672', '5673', '5301', '10000', '10001', '10002']));
    expect(emulated.Values['SERVICEBUS']).toContain('sb://localhost:5673;');
    expect(emulated.Values['SERVICEBUS_ADMIN_URL']).toBe('http://localhost:5301');
  });
});
