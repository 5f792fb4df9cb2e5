import type { Settings } from '../../shared/config/settings.js';

/** The hubs, queues and topics that Outport needs, in the form the embedded broker reads. */
export function toEntities(settings: Pick<Settings, 'hub' | 'consumerGroup' | 'queues' | 'topic'>): unknown {
  const { hub, consumerGroup, queues, topic } = settings;
  const groups = consumerGroup === '$Default' ? [] : [consumerGroup];
  return {
    eventHubs: [{ name: hub, partitionCount: 4, consumerGroups: groups }],
    queues: Object.values(queues).map((name) => ({ name, lockDuration: 'PT1M', maxDeliveryCount: 10 })),
    topics: [
      {
        name: topic,
        requiresDuplicateDetection: true,
        duplicateDetectionHistoryTimeWindow: 'PT10M',
        subscriptions: [],
      },
    ],
  };
}

/** The settings under the names by which the functions' triggers refer to them. */
export function toAppSettings(settings: Settings): Record<string, string> {
  return {
    OUTPORT_HUB: settings.hub,
    OUTPORT_CONSUMER_GROUP: settings.consumerGroup,
    OUTPORT_QUEUE_NORMALIZE: settings.queues.normalize,
    OUTPORT_QUEUE_EVALUATE: settings.queues.evaluate,
    OUTPORT_QUEUE_DISPATCH: settings.queues.dispatch,
    OUTPORT_TOPIC_TRIGGERS: settings.topic,
    OUTPORT_SWEEP_SCHEDULE: settings.sweepSchedule,
    OUTPORT_STAGES: settings.stages.join(','),
    OUTPORT_TABLE_PREFIX: settings.tablePrefix,
    OUTPORT_BUCKETS: String(settings.buckets),
    OUTPORT_REGISTRY_REFRESH_MS: String(settings.registryRefreshMs),
    OUTPORT_SWEEP_AFTER_MS: String(settings.sweepAfterMs),
    OUTPORT_DISPATCH_LEASE_MS: String(settings.dispatchLeaseMs),
  };
}
