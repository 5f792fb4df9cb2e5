import { describe, expect, it } from 'vitest';
import { consumerSubscription, toEntities, toIsoDuration } from '../../../shared/config/entities.js';
import { parseSettings } from '../../../shared/config/settings.js';
import { toText } from '../../support/bicep/evaluate.js';
import { appSettings, deployment, ofType } from '../../support/infra.js';

const { resources } = deployment();
/** Settings as the deployed functions read them; the Bicep's entities must be the ones that these settings ask for. */
const settings = parseSettings(
  Object.fromEntries([...appSettings(resources)].map(([name, value]) => [name, toText(value)])),
);
const expected = toEntities(settings);
const lastOf = (name: string): string => name.split('/').at(-1) ?? '';

describe('the deployed messaging entities', () => {
  it('are the hubs of the entity list, with their partitions and consumer groups', () => {
    const hubs = ofType(resources, 'Microsoft.EventHub/namespaces/eventhubs').map(({ name, properties }) => ({
      name: lastOf(name),
      partitionCount: properties['partitionCount'],
      consumerGroups: ofType(resources, 'Microsoft.EventHub/namespaces/eventhubs/consumergroups')
        .filter((group) => group.name.startsWith(`${name}/`))
        .map((group) => lastOf(group.name)),
    }));

    expect(hubs).toEqual(expected.hubs);
  });

  it('are the queues of the entity list, with their locks, deliveries and dead-lettering', () => {
    const queues = ofType(resources, 'Microsoft.ServiceBus/namespaces/queues');

    expect(
      queues.map(({ name, properties }) => ({
        name: lastOf(name),
        lockDuration: properties['lockDuration'],
        maxDeliveryCount: properties['maxDeliveryCount'],
        deadLetteringOnMessageExpiration: properties['deadLetteringOnMessageExpiration'],
      })),
    ).toEqual(
      expected.queues.map(({ lockDurationMs, ...queue }) => ({
        ...queue,
        lockDuration: toIsoDuration(lockDurationMs),
      })),
    );
    for (const { properties } of queues) {
      expect(properties).toMatchObject({ requiresDuplicateDetection: false, requiresSession: false });
      expect(properties).not.toHaveProperty('defaultMessageTimeToLive');
    }
  });

  it('are the topics of the entity list, with their duplicate windows', () => {
    const topics = ofType(resources, 'Microsoft.ServiceBus/namespaces/topics').map(({ name, properties }) => {
      expect(properties['requiresDuplicateDetection']).toBe(true);
      return {
        name: lastOf(name),
        duplicateDetectionHistoryTimeWindow: properties['duplicateDetectionHistoryTimeWindow'],
      };
    });

    expect(topics).toEqual(
      expected.topics.map(({ name, duplicateWindowMs }) => ({
        name,
        duplicateDetectionHistoryTimeWindow: toIsoDuration(duplicateWindowMs),
      })),
    );
  });

  it('hold no subscription of a consumer: those come with the registry', () => {
    expect(ofType(resources, 'Microsoft.ServiceBus/namespaces/topics/subscriptions')).toEqual([]);
  });
});

describe('the entity list', () => {
  it('remembers sent triggers for longer than a dispatch lease', () => {
    for (const { duplicateWindowMs } of expected.topics) {
      expect(duplicateWindowMs).toBeGreaterThan(settings.dispatchLeaseMs);
    }
  });

  it('locks a batch for longer than a send that spends all its tries', () => {
    const allTriesMs = 3 * 20_000 + 2 * 500;

    for (const { lockDurationMs } of expected.queues) expect(lockDurationMs).toBeGreaterThan(allTriesMs);
  });

  it.each([
    [20_000, 'PT20S'],
    [90_000, 'PT90S'],
    [120_000, 'PT2M'],
    [3_600_000, 'PT1H'],
    [consumerSubscription.defaultTtlMs, 'P14D'],
  ])('writes %i ms as %s', (ms, duration) => {
    expect(toIsoDuration(ms)).toBe(duration);
  });

  it('leaves the group every hub has out of the ones to create', () => {
    const names = { hub: 'h', consumerGroup: '$Default', queues: settings.queues, topic: 't' };

    expect(toEntities(names).hubs[0]?.consumerGroups).toEqual([]);
  });
});
