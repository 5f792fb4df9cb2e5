import type { PortEvent } from '../contracts/events/readiness-event.js';
import type { NormalizeMessage } from '../contracts/stage-messages.js';
import type { Signal } from '../contracts/signal.js';

/** A signal in the making. Members are assigned one by one by name: for every event, that is what costs least. */
type Draft = { -readonly [K in keyof Signal]: Signal[K] };

/** The canonical signal of a valid event about a port. */
export function toSignal(
  message: Omit<NormalizeMessage, 'event'> & { event: PortEvent },
  registryVersion: string,
): Signal {
  const { event } = message;
  const draft: Draft = {
    signalId: message.signalId,
    eventType: event.eventType,
    eventId: event.eventId,
    occurredAt: event.occurredAt,
    receivedAt: message.receivedAt,
    producerDp: event.producer.dataProduct,
    domain: event.producer.domain,
    outputPortKey: event.outputPort.key,
    outputPortVersion: event.outputPort.version,
    stage: event.outputPort.stage,
    revision: 0,
    correlationId: event.correlationId ?? event.eventId,
    traceparent: message.traceparent,
    contentHash: message.contentHash,
    eventJson: JSON.stringify(event),
    origin: message.origin,
    registryVersion,
  };
  if (event.chainDepth !== undefined) draft.chainDepth = event.chainDepth;
  if (event.cause !== undefined) draft.cause = event.cause;
  addSnapshot(draft, event);
  return draft;
}

function addSnapshot(draft: Draft, event: PortEvent): void {
  switch (event.eventType) {
    case 'OutputPortSnapshotSealed':
    case 'OutputPortQualityFailed':
      addIdentity(draft, event.snapshot);
      return addMeasures(draft, event.snapshot);
    case 'OutputPortSnapshotRetracted':
      return addIdentity(draft, event.snapshot);
    case 'OutputPortContractBreaking':
      draft.schemaHash = event.contract.schemaHash;
      return;
    default:
      event satisfies never;
  }
}

type Snapshot = Extract<PortEvent, { snapshot: unknown }>['snapshot'];
type MeasuredSnapshot = Extract<
  PortEvent,
  { eventType: 'OutputPortSnapshotSealed' | 'OutputPortQualityFailed' }
>['snapshot'];

function addIdentity(draft: Draft, { watermark, batchId, partition, revision }: Snapshot): void {
  draft.watermark = watermark;
  if (batchId !== undefined) draft.batchId = batchId;
  if (partition !== undefined) draft.partition = partition;
  if (revision !== undefined) draft.revision = revision;
}

function addMeasures(draft: Draft, snapshot: MeasuredSnapshot): void {
  const { schemaHash, recordCount, quality } = snapshot;
  if (schemaHash !== undefined) draft.schemaHash = schemaHash;
  if (typeof recordCount === 'number') draft.recordCount = recordCount;
  draft.qualityStatus = quality.status;
  draft.ruleset = quality.ruleset;
  if (quality.score !== undefined) draft.qualityScore = quality.score;
  if (quality.failedTests !== undefined) draft.failedTests = quality.failedTests;
}
