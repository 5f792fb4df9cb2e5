import type { CheckpointStore, EventHubConsumerClient, EventHubConsumerClientOptions } from '@azure/event-hubs';
import { resolveHostStorage, resolveMessaging, toCredential } from '../settings/connections.js';
import type { EventHubsSettings } from '../settings/host-schema.js';
import type { Environment } from '../settings/host-json.js';
import { requireText, readText, type FunctionDefinition } from './function-definition.js';

const CHECKPOINT_CONTAINER = 'azure-webjobs-eventhub';

/** Ownership and checkpoints as blobs in the host's storage account, in the container the platform uses. */
export async function createCheckpointStore(settings: Environment): Promise<CheckpointStore> {
  const [{ BlobServiceClient }, { BlobCheckpointStore }] = await Promise.all([
    import('@azure/storage-blob'),
    import('@azure/eventhubs-checkpointstore-blob'),
  ]);
  const storage = resolveHostStorage(settings);
  const service =
    storage.kind === 'string'
      ? BlobServiceClient.fromConnectionString(storage.connectionString)
      : new BlobServiceClient(storage.address, await toCredential(storage.clientId));
  const container = service.getContainerClient(CHECKPOINT_CONTAINER);
  await container.createIfNotExists();
  return new BlobCheckpointStore(container);
}

/** One consumer client for one function. */
export async function createConsumer(
  definition: FunctionDefinition,
  settings: Environment,
  options: EventHubsSettings,
): Promise<EventHubConsumerClient> {
  const { EventHubConsumerClient: Client } = await import('@azure/event-hubs');
  const store = await createCheckpointStore(settings);
  const connection = resolveMessaging(requireText(definition, 'connection'), settings);
  const group = readText(definition, 'consumerGroup') ?? '$Default';
  const hub = requireText(definition, 'eventHubName');
  if (connection.kind === 'string') {
    return new Client(group, connection.connectionString, hub, store, toClientOptions(options));
  }
  const credential = await toCredential(connection.clientId);
  return new Client(group, connection.address, hub, credential, store, toClientOptions(options));
}

function toClientOptions(options: EventHubsSettings): EventHubConsumerClientOptions {
  const retry = options.clientRetryOptions;
  return {
    loadBalancingOptions: {
      strategy: 'greedy',
      updateIntervalInMs: options.loadBalancingUpdateInterval,
      partitionOwnershipExpirationIntervalInMs: options.partitionOwnershipExpirationInterval,
    },
    retryOptions: {
      mode: /^fixed$/i.test(retry.mode) ? 1 : 0,
      maxRetries: retry.maximumRetries,
      retryDelayInMs: retry.delay,
      maxRetryDelayInMs: retry.maximumDelay,
      timeoutInMs: retry.tryTimeout,
    },
    ...(options.customEndpointAddress ? { customEndpointAddress: options.customEndpointAddress } : {}),
  };
}
