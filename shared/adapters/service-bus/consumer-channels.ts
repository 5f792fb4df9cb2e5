import { createHash } from 'node:crypto';
import type { RuleProperties, ServiceBusAdministrationClient } from '@azure/service-bus';
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

function letsThrough({ filter }: RuleProperties, consumer: string): boolean {
  return 'subject' in filter && filter.subject === consumer;
}

/** Consumers' subscriptions on the trigger topic, each with one correlation filter on `subject`. */
export function createServiceBusConsumerChannels(
  admin: ServiceBusAdministrationClient,
  topic: string,
): ConsumerChannels {
  const doing = (what: string): string => `${what} a subscription of topic ${topic}`;

  async function listRules(name: string): Promise<RuleProperties[]> {
    const rules: RuleProperties[] = [];
    for await (const rule of admin.listRules(topic, name)) rules.push(rule);
    return rules;
  }

  /** The own rule first, so that no trigger is missed; then no other, since each lets triggers in by itself. */
  async function mendRules(name: string, consumer: string, rules: readonly RuleProperties[]): Promise<void> {
    const filter = { subject: consumer };
    const exists = rules.some((rule) => rule.name === ruleName);
    if (exists) await admin.updateRule(topic, name, { ...(await admin.getRule(topic, name, ruleName)), filter });
    else await admin.createRule(topic, name, ruleName, filter);
    for (const rule of rules) if (rule.name !== ruleName) await admin.deleteRule(topic, name, rule.name);
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
        if (await admin.subscriptionExists(topic, name)) {
          const rules = await listRules(name);
          if (rules.length === 1 && rules.every((rule) => letsThrough(rule, consumer))) return 'unchanged';
          await mendRules(name, consumer, rules);
          return 'created';
        }
        await admin.createSubscription(topic, name, {
          ...channelSettings,
          userMetadata: consumer,
          defaultRuleOptions: { name: ruleName, filter: { subject: consumer } },
        });
        return 'created';
      }),

    waiting: (consumer) =>
      translating(doing('count messages of'), async () => {
        const name = toChannelName(consumer);
        if (!(await admin.subscriptionExists(topic, name))) return 0;
        const counts = await admin.getSubscriptionRuntimeProperties(topic, name);
        return counts.activeMessageCount + counts.deadLetterMessageCount;
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
