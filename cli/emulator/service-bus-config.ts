import { toChannelName } from '../../shared/adapters/service-bus/consumer-channels.js';
import {
  consumerSubscription,
  type MessagingEntities,
  type QueueEntity,
  toIsoDuration,
  type TopicEntity,
} from '../../shared/config/entities.js';

/** Longest duplicate window and time to live, and most deliveries, that the emulator takes. */
const maxDuplicateWindowMs = 5 * 60_000;
const maxTtlMs = 3_600_000;
const maxDeliveries = 10;

/**
 * The configuration file of Microsoft's Service Bus emulator, with a subscription for each consumer: it takes shorter
 * times to live than the service, so `registry apply` could not create them there, but finds and leaves these.
 */
export function toServiceBusConfig(
  { queues, topics }: Pick<MessagingEntities, 'queues' | 'topics'>,
  consumers: readonly string[],
): object {
  return {
    UserConfig: {
      Namespaces: [
        {
          Name: 'sbemulatorns', // the only name it takes
          Queues: queues.map(toQueue),
          Topics: topics.map((topic) => toTopic(topic, consumers)),
        },
      ],
      Logging: { Type: 'Console' },
    },
  };
}

function toQueue({ name, lockDurationMs, maxDeliveryCount, deadLetteringOnMessageExpiration }: QueueEntity): object {
  return {
    Name: name,
    Properties: {
      LockDuration: toIsoDuration(lockDurationMs),
      MaxDeliveryCount: Math.min(maxDeliveryCount, maxDeliveries),
      DeadLetteringOnMessageExpiration: deadLetteringOnMessageExpiration,
      DefaultMessageTimeToLive: toIsoDuration(maxTtlMs),
      RequiresDuplicateDetection: false,
      RequiresSession: false,
    },
  };
}

function toTopic({ name, duplicateWindowMs }: TopicEntity, consumers: readonly string[]): object {
  return {
    Name: name,
    Properties: {
      RequiresDuplicateDetection: true,
      DuplicateDetectionHistoryTimeWindow: toIsoDuration(Math.min(duplicateWindowMs, maxDuplicateWindowMs)),
      DefaultMessageTimeToLive: toIsoDuration(maxTtlMs),
    },
    Subscriptions: consumers.map(toSubscription),
  };
}

function toSubscription(consumer: string): object {
  const { lockDurationMs, maxDeliveryCount, defaultTtlMs, deadLetteringOnMessageExpiration } = consumerSubscription;
  return {
    Name: toChannelName(consumer),
    Properties: {
      LockDuration: toIsoDuration(lockDurationMs),
      MaxDeliveryCount: Math.min(maxDeliveryCount, maxDeliveries),
      DeadLetteringOnMessageExpiration: deadLetteringOnMessageExpiration,
      DefaultMessageTimeToLive: toIsoDuration(Math.min(defaultTtlMs, maxTtlMs)),
      RequiresSession: false,
    },
    Rules: [{ Name: 'consumer', Properties: { FilterType: 'Correlation', CorrelationFilter: { Label: consumer } } }],
  };
}
