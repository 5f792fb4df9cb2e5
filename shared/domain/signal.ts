import type { PortEvent } from '../contracts/events/readiness-event.js';
import type { NormalizeMessage } from '../contracts/stage-messages.js';
import type { Signal } from '../contracts/signal.js';
import { toSignalId } from './identity.js';

type SnapshotColumns = Pick<Signal, 'watermark' | 'batchId' | 'partition' | 'revision' | 'schemaHash' | 'recordCount'> &
  Pick<Signal, 'qualityStatus' | 'qualityScore' | 'ruleset' | 'failedTests'>;

/** The canonical signal of a valid event about a port. */
export function toSignal(
  message: Omit<NormalizeMessage, 'event'> & { event: PortEvent },
  registryVersion: string,
): Signal {
  const { event } = message;
  return withoutUndefined({
    signalId: toSignalId(event.producer.dataProduct, event.eventId),
    eventType: event.eventType,
    eventId: event.eventId,
    occurredAt: event.occurredAt,
    receivedAt: message.receivedAt,
    producerDp: event.producer.dataProduct,
    domain: event.producer.domain,
    outputPortKey: event.outputPort.key,
    outputPortVersion: event.outputPort.version,
    stage: event.outputPort.stage,
    ...toSnapshotColumns(event),
    chainDepth: event.chainDepth,
    correlationId: event.correlationId ?? event.eventId,
    traceparent: message.traceparent,
    contentHash: message.contentHash,
    eventJson: JSON.stringify(event),
    origin: message.origin,
    registryVersion,
  });
}

function toSnapshotColumns(event: PortEvent): SnapshotColumns {
  switch (event.eventType) {
    case 'OutputPortSnapshotSealed':
    case 'OutputPortQualityFailed':
      return { ...toIdentityColumns(event.snapshot), ...toMeasureColumns(event.snapshot) };
    case 'OutputPortSnapshotRetracted':
      return toIdentityColumns(event.snapshot);
    case 'OutputPortContractBreaking':
      return { revision: 0, schemaHash: event.contract.schemaHash };
    default:
      return event satisfies never;
  }
}

type Snapshot = Extract<PortEvent, { snapshot: unknown }>['snapshot'];
type MeasuredSnapshot = Extract<
  PortEvent,
  { eventType: 'OutputPortSnapshotSealed' | 'OutputPortQualityFailed' }
>['snapshot'];

function toIdentityColumns({ watermark, batchId, partition, revision }: Snapshot): SnapshotColumns {
  return withoutUndefined({ watermark, batchId, partition, revision: revision ?? 0 });
}

function toMeasureColumns(snapshot: MeasuredSnapshot): Omit<SnapshotColumns, 'revision'> {
  const { quality } = snapshot;
  return withoutUndefined({
    schemaHash: snapshot.schemaHash,
    recordCount: typeof snapshot['recordCount'] === 'number' ? snapshot['recordCount'] : undefined,
    qualityStatus: quality.status,
    qualityScore: quality.score,
    ruleset: quality.ruleset,
    failedTests: quality.failedTests,
  });
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  const kept: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) kept[key] = member;
  }
  // The loop leaves out exactly the members whose value is undefined, which is what the type says.
  return kept as WithoutUndefined<T>;
}
