import type {
  QueueDescription,
  SubscriptionDescription,
  TopicDescription,
  WaitingSettings,
} from '../service-bus/entities.js';
import { waitingDefaults } from '../service-bus/entities.js';
import type { Namespace, QueueEntity, SubscriptionEntity, TopicEntity } from '../service-bus/namespace.js';
import type { Xml } from './atom.js';
import { fromIsoDuration, toIsoDuration } from './duration.js';

const defaultWindowMs = 600_000;
const stamps = {
  CreatedAt: '2026-01-01T00:00:00Z',
  UpdatedAt: '2026-01-01T00:00:00Z',
  AccessedAt: '2026-01-01T00:00:00Z',
};

/** Clients read the counts by the prefix this declares. */
const countNamespace = { '@xmlns:d2p1': 'http://schemas.microsoft.com/netservices/2011/06/servicebus' };

const text = (xml: Xml, name: string): string | undefined => {
  const value = xml[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
const flag = (xml: Xml, name: string): boolean => text(xml, name) === 'true';
const durationMs = (xml: Xml, name: string): number | undefined => {
  const value = text(xml, name);
  return value === undefined ? undefined : fromIsoDuration(value);
};

function readWaiting(xml: Xml): WaitingSettings {
  const ttlMs = durationMs(xml, 'DefaultMessageTimeToLive');
  const userMetadata = text(xml, 'UserMetadata');
  return {
    lockDurationMs: durationMs(xml, 'LockDuration') ?? waitingDefaults.lockDurationMs,
    maxDeliveryCount: Number(text(xml, 'MaxDeliveryCount') ?? waitingDefaults.maxDeliveryCount),
    requiresSession: flag(xml, 'RequiresSession'),
    deadLetteringOnMessageExpiration: flag(xml, 'DeadLetteringOnMessageExpiration'),
    ...(ttlMs !== undefined && { defaultTtlMs: ttlMs }),
    ...(userMetadata !== undefined && { userMetadata }),
  };
}

function readWindow(xml: Xml): { duplicateWindowMs?: number } {
  if (!flag(xml, 'RequiresDuplicateDetection')) return {};
  return { duplicateWindowMs: durationMs(xml, 'DuplicateDetectionHistoryTimeWindow') ?? defaultWindowMs };
}

/** @throws RangeError for a malformed duration */
export function readQueue(name: string, xml: Xml): QueueDescription {
  return { name, ...readWaiting(xml), ...readWindow(xml) };
}

/** @throws RangeError for a malformed duration */
export function readTopic(name: string, xml: Xml): TopicDescription {
  const { defaultTtlMs, userMetadata } = readWaiting(xml);
  return {
    name,
    ...readWindow(xml),
    ...(defaultTtlMs !== undefined && { defaultTtlMs }),
    ...(userMetadata !== undefined && { userMetadata }),
  };
}

/** @throws RangeError for a malformed duration */
export function readSubscription(topic: string, name: string, xml: Xml): SubscriptionDescription {
  return { topic, name, ...readWaiting(xml) };
}

function writeWaiting(settings: WaitingSettings): Xml {
  return {
    LockDuration: toIsoDuration(settings.lockDurationMs),
    RequiresSession: settings.requiresSession,
    DefaultMessageTimeToLive: toIsoDuration(settings.defaultTtlMs),
    DeadLetteringOnMessageExpiration: settings.deadLetteringOnMessageExpiration,
    MaxDeliveryCount: settings.maxDeliveryCount,
    EnableBatchedOperations: true,
    Status: 'Active',
    ...(settings.userMetadata !== undefined && { UserMetadata: settings.userMetadata }),
    ...stamps,
    AutoDeleteOnIdle: toIsoDuration(undefined),
    EntityAvailabilityStatus: 'Available',
  };
}

function writeWindow({ duplicateWindowMs }: { duplicateWindowMs?: number }): Xml {
  return {
    MaxSizeInMegabytes: 1024,
    RequiresDuplicateDetection: duplicateWindowMs !== undefined,
    DuplicateDetectionHistoryTimeWindow: toIsoDuration(duplicateWindowMs ?? defaultWindowMs),
    EnablePartitioning: false,
    EnableExpress: false,
  };
}

function writeCounts(namespace: Namespace, entity: QueueEntity | SubscriptionEntity): Xml {
  const { active, deadLetter, scheduled } = namespace.counts(entity);
  return {
    MessageCount: active + deadLetter + scheduled,
    SizeInBytes: 0,
    CountDetails: {
      ...countNamespace,
      'd2p1:ActiveMessageCount': active,
      'd2p1:DeadLetterMessageCount': deadLetter,
      'd2p1:ScheduledMessageCount': scheduled,
      'd2p1:TransferMessageCount': 0,
      'd2p1:TransferDeadLetterMessageCount': 0,
    },
  };
}

export function writeQueue(namespace: Namespace, entity: QueueEntity): Xml {
  return { ...writeWaiting(entity.description), ...writeWindow(entity.description), ...writeCounts(namespace, entity) };
}

export function writeSubscription(namespace: Namespace, entity: SubscriptionEntity): Xml {
  return {
    ...writeWaiting(entity.description),
    DeadLetteringOnFilterEvaluationExceptions: false,
    ...writeCounts(namespace, entity),
  };
}

export function writeTopic({ description, subscriptions, scheduled }: TopicEntity): Xml {
  return {
    ...writeWindow(description),
    DefaultMessageTimeToLive: toIsoDuration(description.defaultTtlMs),
    EnableBatchedOperations: true,
    SupportOrdering: true,
    Status: 'Active',
    ...(description.userMetadata !== undefined && { UserMetadata: description.userMetadata }),
    ...stamps,
    AutoDeleteOnIdle: toIsoDuration(undefined),
    EntityAvailabilityStatus: 'Available',
    SizeInBytes: 0,
    SubscriptionCount: subscriptions.size,
    CountDetails: {
      ...countNamespace,
      'd2p1:ActiveMessageCount': 0,
      'd2p1:DeadLetterMessageCount': 0,
      'd2p1:ScheduledMessageCount': scheduled.counts().scheduled,
      'd2p1:TransferMessageCount': 0,
      'd2p1:TransferDeadLetterMessageCount': 0,
    },
  };
}
