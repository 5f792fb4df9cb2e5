import { createHash } from 'node:crypto';
import type { ServiceBusAdministrationClient } from '@azure/service-bus';
import { consumerSubscription, toIsoDuration } from '../../config/entities.js';
import type { ConsumerChannels } from '../../ports/consumer-channels.js';
import { translating } from '../port-errors.js';

/** Longest subscription name Service Bus takes. */
const maxNameLength = 50;
const ruleName = '$Default';

/** Name of a consumer's subscription on the topic: its key, or a shortened one that ends in the key's hash. */
export function toChannelName(consumer: string): string {
  if (consumer.length <= maxNameLength) return consumer;
  const hash = createHash('sha256').update(consumer).digest('hex').slice(0, 16);
  return `${consumer.slice(0, maxNameLength - hash.length - 1)}-${hash}`;
}

/** Consumers' subscriptions on the trigger topic, each with one correlation filter on `subject`. */
export function createServiceBusConsumerChannels(
  admin: ServiceBusAdministrationClient,
  topic: string,
): ConsumerChannels {
  const doing = (what: string): string => `${what} a subscription of topic ${topic}`;

  async function hasFilter(name: string, consumer: string): Promise<boolean> {
    const { filter } = await admin.getRule(topic, name, ruleName);
    return 'subject' in filter && filter.subject === consumer;
  }

  return {
    list: () =>
      translating(doing('list'), async () => {
        const consumers: string[] = [];
        for await (const each of admin.listSubscriptions(topic)) {
          if (each.userMetadata) consumers.push(each.userMetadata);
        }
        return consumers;
      }),

    ensure: (consumer) =>
      translating(doing('create'), async () => {
        const name = toChannelName(consumer);
        const filter = { subject: consumer };
        if (await admin.subscriptionExists(topic, name)) {
          if (await hasFilter(name, consumer)) return 'unchanged';
          await admin.updateRule(topic, name, { ...(await admin.getRule(topic, name, ruleName)), filter });
          return 'created';
        }
        await admin.createSubscription(topic, name, {
          ...channelSettings,
          userMetadata: consumer,
          defaultRuleOptions: { name: ruleName, filter },
        });
        return 'created';
      }),

    remove: (consumer) =>
      translating(doing('remove'), async () => {
        const name = toChannelName(consumer);
        if (await admin.subscriptionExists(topic, name)) await admin.deleteSubscription(topic, name);
      }),
  };
}

const { lockDurationMs, maxDeliveryCount, defaultTtlMs, deadLetteringOnMessageExpiration } = consumerSubscription;
const channelSettings = {
  lockDuration: toIsoDuration(lockDurationMs),
  maxDeliveryCount,
  defaultMessageTimeToLive: toIsoDuration(defaultTtlMs),
  deadLetteringOnMessageExpiration,
};
