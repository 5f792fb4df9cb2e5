import type { EventHubHandler, EventHubTriggerOptions, InvocationContext } from '@azure/functions';
import type { Compose } from './compose.js';
import { toLogLine } from './log-line.js';
import { toStageReport } from './stage-lines.js';
import { toHubEvents } from './trigger-metadata.js';

interface EventHubApp {
  eventHub(name: string, options: EventHubTriggerOptions & { handler: EventHubHandler }): void;
}

/**
 * `ingest`: Event Hubs trigger, whole batches, raw bytes.
 *
 * It throws only for infrastructure faults. The unlimited retry policy then holds the checkpoint back: without one the
 * platform moves the checkpoint past a batch whose handler threw.
 */
export function registerIngest(app: EventHubApp, compose: Compose): void {
  const options = {
    connection: 'EVENTHUB',
    eventHubName: '%OUTPORT_HUB%',
    consumerGroup: '%OUTPORT_CONSUMER_GROUP%',
    cardinality: 'many' as const,
    // Untyped in the library, read by the host: bodies arrive as the bytes that were sent, not JSON-parsed.
    dataType: 'binary',
    retry: {
      strategy: 'exponentialBackoff' as const,
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 30 },
    },
    handler: (bodies: unknown, context: InvocationContext) => handleIngest(bodies, context, compose),
  };
  app.eventHub('ingest', options);
}

async function handleIngest(bodies: unknown, context: InvocationContext, compose: Compose): Promise<void> {
  const { stagesFor, settings } = await compose();
  const batch = Array.isArray(bodies) ? bodies : [bodies];
  const events = toHubEvents(batch, context.triggerMetadata, settings.hub);
  const counts = await stagesFor(toStageReport(context)).ingest(events);
  context.info(toLogLine({ event: 'ingested', ...counts }));
}
