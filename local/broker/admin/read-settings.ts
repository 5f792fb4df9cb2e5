import {
  type CommonSettings,
  queueDefaults,
  type QueueSpec,
  type SendingSettings,
  subscriptionDefaults,
  type SubscriptionSpec,
  topicDefaults,
  type TopicSpec,
  type WaitingSettings,
} from '../service-bus/entities.js';
import type { Xml } from './atom.js';
import { SettingReader } from './setting-reader.js';

/** The service's own limits. */
const limits = {
  lock: { min: 5_000, max: 300_000, words: 'between PT5S and PT5M' },
  ttl: { min: 1_000, words: 'at least PT1S' },
  idle: { min: 300_000, words: 'at least PT5M' },
  window: { min: 20_000, max: 604_800_000, words: 'between PT20S and P7D' },
  deliveries: { min: 1, max: 2_000, words: 'between 1 and 2000' },
  megabytes: { min: 1_024, max: 81_920, words: 'one of 1024, 2048, 3072, 4096, 5120' },
} as const;
const defaultWindowMs = 600_000;
const maxMetadataLength = 1_024;
const statuses = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled'] as const;

/**
 * A queue's settings; `known` are those of the queue a request updates. A setting that is absent has its default, as an
 * update replaces all settings; what cannot change stays. @throws InvalidSetting
 */
export function readQueue(name: string, xml: Xml, known?: QueueSpec): QueueSpec {
  const reader = new SettingReader(name, xml);
  return { name, ...queueDefaults, ...readWaiting(reader, known), ...readSending(reader, known) };
}

/** As for a queue. @throws InvalidSetting */
export function readTopic(name: string, xml: Xml, known?: TopicSpec): TopicSpec {
  const reader = new SettingReader(name, xml);
  const supportOrdering = reader.flag('SupportOrdering') ?? topicDefaults.supportOrdering;
  return { name, ...topicDefaults, ...readCommon(reader), ...readSending(reader, known), supportOrdering };
}

/** As for a queue. @throws InvalidSetting */
export function readSubscription(
  { topic, name }: { topic: string; name: string },
  xml: Xml,
  known?: SubscriptionSpec,
): SubscriptionSpec {
  const reader = new SettingReader(`${topic}/Subscriptions/${name}`, xml);
  const onException = reader.flag('DeadLetteringOnFilterEvaluationExceptions');
  return {
    topic,
    name,
    ...subscriptionDefaults,
    ...readWaiting(reader, known),
    ...(onException !== undefined && { deadLetteringOnFilterEvaluationExceptions: onException }),
  };
}

function readCommon(reader: SettingReader): Partial<CommonSettings> {
  refuseUnsupported(reader);
  const userMetadata = reader.text('UserMetadata');
  if ((userMetadata?.length ?? 0) > maxMetadataLength) {
    throw reader.invalid('UserMetadata', `is longer than ${maxMetadataLength} characters`);
  }
  return defined({
    status: reader.oneOf('Status', statuses),
    autoDeleteOnIdleMs: reader.durationMs('AutoDeleteOnIdle', limits.idle),
    defaultTtlMs: reader.durationMs('DefaultMessageTimeToLive', limits.ttl),
    userMetadata,
    enableBatchedOperations: reader.flag('EnableBatchedOperations'),
  });
}

function readWaiting(reader: SettingReader, known: WaitingSettings | undefined): Partial<WaitingSettings> {
  const requiresSession = reader.flag('RequiresSession') ?? known?.requiresSession;
  refuseChange(reader, 'RequiresSession', requiresSession, known?.requiresSession);
  return {
    ...readCommon(reader),
    ...defined({
      requiresSession,
      lockDurationMs: reader.durationMs('LockDuration', limits.lock),
      maxDeliveryCount: reader.integer('MaxDeliveryCount', limits.deliveries),
      deadLetteringOnMessageExpiration: reader.flag('DeadLetteringOnMessageExpiration'),
    }),
  };
}

function readSending(reader: SettingReader, known: SendingSettings | undefined): Partial<SendingSettings> {
  const detectedBefore = known && known.duplicateWindowMs !== undefined;
  const detects = reader.flag('RequiresDuplicateDetection') ?? detectedBefore ?? false;
  refuseChange(reader, 'RequiresDuplicateDetection', detects, detectedBefore);
  const windowMs = reader.durationMs('DuplicateDetectionHistoryTimeWindow', limits.window) ?? defaultWindowMs;
  const maxSizeInMegabytes = reader.integer('MaxSizeInMegabytes', limits.megabytes);
  if ((maxSizeInMegabytes ?? 0) % 1_024 !== 0) {
    throw reader.invalid('MaxSizeInMegabytes', `must be ${limits.megabytes.words}`);
  }
  return defined({ duplicateWindowMs: detects ? windowMs : undefined, maxSizeInMegabytes });
}

/** What this broker cannot do is refused, so that nobody counts on it. */
function refuseUnsupported(reader: SettingReader): void {
  const lacking = 'is not supported by the local broker';
  reader.refuse('ForwardTo', lacking);
  reader.refuse('ForwardDeadLetteredMessagesTo', lacking);
  reader.refuse('AuthorizationRules', `${lacking}, which checks no signatures`);
  reader.refuse('EnablePartitioning', lacking, ['false']);
  reader.refuse('EnableExpress', lacking, ['false']);
  reader.refuse('MaxMessageSizeInKilobytes', 'can be set in the Premium tier only', ['256']);
}

function refuseChange<T>(reader: SettingReader, name: string, wanted: T, known: T | undefined): void {
  if (known === undefined || wanted === known) return;
  throw reader.invalid(name, `is ${String(known)} and cannot be changed after creation`);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(settings: T): Defined<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Defined<T>; // only undefined members go
}
