import type { Settings } from '../../shared/config/settings.js';

export { toEntities } from '../../shared/config/entities.js';

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
    OUTPORT_HAND_ON: settings.handOn,
    OUTPORT_API_REQUESTS_PER_MINUTE: String(settings.apiRequestsPerMinute),
  };
}
