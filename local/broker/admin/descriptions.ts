import type { CommonSettings, SendingSettings, Stamps, WaitingSettings } from '../service-bus/entities.js';
import type { Namespace, QueueEntity, SubscriptionEntity, TopicEntity } from '../service-bus/namespace.js';
import type { Xml } from './atom.js';
import { toIsoDuration } from './duration.js';

/** Told by the service also where duplicates are not looked for. */
const defaultWindowMs = 600_000;
/** Clients read the counts by the prefix this declares. */
const countNamespace = { '@xmlns:d2p1': 'http://schemas.microsoft.com/netservices/2011/06/servicebus' };

/** A queue's description with its runtime counts. */
export function writeQueue(namespace: Namespace, entity: QueueEntity): Xml {
  return {
    ...writeWaiting(entity.description),
    ...writeSending(entity.description),
    ...writeStamps(entity),
    ...writeCounts(namespace, entity),
  };
}

/** A subscription's description with its runtime counts. */
export function writeSubscription(namespace: Namespace, entity: SubscriptionEntity): Xml {
  return {
    ...writeWaiting(entity.description),
    DeadLetteringOnFilterEvaluationExceptions: entity.description.deadLetteringOnFilterEvaluationExceptions,
    ...writeStamps(entity),
    ...writeCounts(namespace, entity),
  };
}

/** A topic's description; its size is what waits in it, not at its subscriptions. */
export function writeTopic(entity: TopicEntity): Xml {
  const { scheduled, sizeBytes } = entity.scheduled.shelf.counts();
  return {
    ...writeCommon(entity.description),
    ...writeSending(entity.description),
    SupportOrdering: entity.description.supportOrdering,
    ...writeStamps(entity),
    SizeInBytes: sizeBytes,
    SubscriptionCount: entity.subscriptions.size,
    CountDetails: toCountDetails({ active: 0, deadLetter: 0, scheduled }),
  };
}

function writeCommon(settings: CommonSettings): Xml {
  return {
    DefaultMessageTimeToLive: toIsoDuration(settings.defaultTtlMs),
    EnableBatchedOperations: settings.enableBatchedOperations,
    Status: settings.status,
    ...(settings.userMetadata !== undefined && { UserMetadata: settings.userMetadata }),
    AutoDeleteOnIdle: toIsoDuration(settings.autoDeleteOnIdleMs),
    EntityAvailabilityStatus: 'Available',
  };
}

function writeWaiting(settings: WaitingSettings): Xml {
  return {
    LockDuration: toIsoDuration(settings.lockDurationMs),
    RequiresSession: settings.requiresSession,
    DeadLetteringOnMessageExpiration: settings.deadLetteringOnMessageExpiration,
    MaxDeliveryCount: settings.maxDeliveryCount,
    ...writeCommon(settings),
  };
}

function writeSending({ duplicateWindowMs, maxSizeInMegabytes }: SendingSettings): Xml {
  return {
    MaxSizeInMegabytes: maxSizeInMegabytes,
    RequiresDuplicateDetection: duplicateWindowMs !== undefined,
    DuplicateDetectionHistoryTimeWindow: toIsoDuration(duplicateWindowMs ?? defaultWindowMs),
    EnablePartitioning: false,
    EnableExpress: false,
  };
}

function writeStamps({ description, accessedAtMs }: { description: Stamps; accessedAtMs: number }): Xml {
  return {
    CreatedAt: new Date(description.createdAtMs).toISOString(),
    UpdatedAt: new Date(description.updatedAtMs).toISOString(),
    AccessedAt: new Date(accessedAtMs).toISOString(),
  };
}

function writeCounts(namespace: Namespace, entity: QueueEntity | SubscriptionEntity): Xml {
  const counts = namespace.counts(entity);
  return {
    MessageCount: counts.active + counts.deadLetter + counts.scheduled,
    SizeInBytes: counts.sizeBytes,
    CountDetails: toCountDetails(counts),
  };
}

function toCountDetails(counts: { active: number; deadLetter: number; scheduled: number }): Xml {
  return {
    ...countNamespace,
    'd2p1:ActiveMessageCount': counts.active,
    'd2p1:DeadLetterMessageCount': counts.deadLetter,
    'd2p1:ScheduledMessageCount': counts.scheduled,
    'd2p1:TransferMessageCount': 0,
    'd2p1:TransferDeadLetterMessageCount': 0,
  };
}
