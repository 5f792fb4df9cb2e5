import type {
  ServiceBusClient,
  ServiceBusClientOptions,
  ServiceBusReceiver,
  ServiceBusSessionReceiver,
} from '@azure/service-bus';
import { resolveMessaging, toCredential } from '../settings/connections.js';
import type { ServiceBusSettings } from '../settings/host-schema.js';
import type { Environment } from '../settings/host-json.js';
import { readText, requireText, type FunctionDefinition } from './function-definition.js';

/** A queue or a topic's subscription. A `/$DeadLetterQueue` suffix addresses its dead letters. */
export type EntityAddress =
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'subscription'; readonly topic: string; readonly subscription: string };

/** Where a Service Bus trigger listens. @throws Error when the trigger names no entity */
export function toEntity(definition: FunctionDefinition): EntityAddress {
  const queue = readText(definition, 'queueName');
  if (queue) return { kind: 'queue', queue };
  const topic = requireText(definition, 'topicName');
  return { kind: 'subscription', topic, subscription: requireText(definition, 'subscriptionName') };
}

/** The entity's path as logs show it. */
export function toPath(entity: EntityAddress): string {
  return entity.kind === 'queue' ? entity.queue : `${entity.topic}/Subscriptions/${entity.subscription}`;
}

/** One client for one function. */
export async function createClient(
  definition: FunctionDefinition,
  settings: Environment,
  options: ServiceBusSettings,
): Promise<ServiceBusClient> {
  const { ServiceBusClient: Client } = await import('@azure/service-bus');
  const connection = resolveMessaging(requireText(definition, 'connection'), settings);
  const clientOptions = toClientOptions(options);
  if (connection.kind === 'string') return new Client(connection.connectionString, clientOptions);
  return new Client(connection.address, await toCredential(connection.clientId), clientOptions);
}

function toClientOptions({ clientRetryOptions: retry }: ServiceBusSettings): ServiceBusClientOptions {
  return {
    retryOptions: {
      mode: /^fixed$/i.test(retry.mode) ? 1 : 0,
      maxRetries: retry.maxRetries,
      retryDelayInMs: retry.delay,
      maxRetryDelayInMs: retry.maxDelay,
      timeoutInMs: retry.tryTimeout,
    },
  };
}

/** A peek-lock receiver that hands over raw bodies. `renewalMs` 0 switches lock renewal off. */
export function openReceiver(client: ServiceBusClient, entity: EntityAddress, renewalMs: number): ServiceBusReceiver {
  const options = { maxAutoLockRenewalDurationInMs: renewalMs, skipParsingBodyAsJson: true };
  return entity.kind === 'queue'
    ? client.createReceiver(entity.queue, options)
    : client.createReceiver(entity.topic, entity.subscription, options);
}

/** Lock the next session that has messages. @throws ServiceBusError `ServiceTimeout` when there is none */
export function acceptNextSession(
  client: ServiceBusClient,
  entity: EntityAddress,
  renewalMs: number,
): Promise<ServiceBusSessionReceiver> {
  const options = { maxAutoLockRenewalDurationInMs: renewalMs, skipParsingBodyAsJson: true };
  return entity.kind === 'queue'
    ? client.acceptNextSession(entity.queue, options)
    : client.acceptNextSession(entity.topic, entity.subscription, options);
}
