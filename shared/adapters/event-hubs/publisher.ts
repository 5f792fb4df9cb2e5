import { EventHubProducerClient, type EventData, type EventHubClientOptions } from '@azure/event-hubs';
import type { Connection } from '../../config/connection.js';
import { TerminalError } from '../../ports/errors.js';
import type { EventPublisher, PublishedEvent } from '../../ports/event-publisher.js';
import { toCredential } from '../credential.js';
import { translating } from '../port-errors.js';

/** An event on its way to the hub. */
export type OutgoingEvent = PublishedEvent;

/** Publishes to the readiness hub; one batch per partition key at least. */
export interface Publisher extends EventPublisher {
  close(): Promise<void>;
}

const clientOptions: EventHubClientOptions = {
  retryOptions: { maxRetries: 2, retryDelayInMs: 500, timeoutInMs: 20_000 },
};

/** A publisher on Event Hubs; connects with the first use. */
export function createEventHubPublisher(connection: Connection, hub: string): Publisher {
  const client = openProducer(connection, hub);
  return {
    async publish(events) {
      for (const [partitionKey, group] of groupByKey(events)) {
        await translating(`publish to hub ${hub}`, () => publishGroup(client, partitionKey, group));
      }
    },
    close: () => client.close(),
  };
}

function openProducer(connection: Connection, hub: string): EventHubProducerClient {
  switch (connection.kind) {
    case 'connection-string':
      return new EventHubProducerClient(connection.value, hub, clientOptions);
    case 'identity':
      return new EventHubProducerClient(connection.endpoint, hub, toCredential(connection), clientOptions);
    default:
      return connection satisfies never;
  }
}

function groupByKey(events: readonly OutgoingEvent[]): Map<string, OutgoingEvent[]> {
  const groups = new Map<string, OutgoingEvent[]>();
  for (const event of events) groups.set(event.partitionKey, [...(groups.get(event.partitionKey) ?? []), event]);
  return groups;
}

async function publishGroup(
  client: EventHubProducerClient,
  partitionKey: string,
  events: OutgoingEvent[],
): Promise<void> {
  let batch = await client.createBatch({ partitionKey });
  for (const event of events.map(toEventData)) {
    if (batch.tryAdd(event)) continue;
    if (batch.count > 0) {
      await client.sendBatch(batch);
      batch = await client.createBatch({ partitionKey });
    }
    if (!batch.tryAdd(event)) throw new TerminalError('an event is larger than the hub takes; send a smaller one');
  }
  if (batch.count > 0) await client.sendBatch(batch);
}

function toEventData({ body, properties }: OutgoingEvent): EventData {
  return {
    body: Buffer.from(body),
    contentType: 'application/json',
    ...(properties && { properties: { ...properties } }),
  };
}
