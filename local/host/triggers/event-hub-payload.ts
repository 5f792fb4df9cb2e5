import type { ReceivedEventData } from '@azure/event-hubs';
import type { RpcTypedData } from '../worker/rpc.js';
import { toBodies, toBody, toJson, toStringData, toStrings, type DataType } from '../worker/rpc-encode.js';
import { toBytes } from '../worker/rpc-decode.js';

/** The partition a batch comes from, as the trigger's metadata shows it. */
export interface PartitionIdentity {
  readonly partitionId: string;
  readonly consumerGroup: string;
  readonly eventHubName: string;
  readonly fullyQualifiedNamespace: string;
  readonly isCheckpointingAfterInvocation: boolean;
}

type Metadata = Record<string, RpcTypedData>;

interface Payload {
  readonly data: RpcTypedData;
  readonly metadata: Metadata;
}

/** A batch, `cardinality: 'many'`. */
export function toBatchPayload(
  events: readonly ReceivedEventData[],
  partition: PartitionIdentity,
  encoding: { readonly dataType: DataType; readonly keepEmpty: boolean },
): Payload {
  const { dataType, keepEmpty } = encoding;
  const data = toBodies(
    events.map((event) => toBytes(event.body)),
    dataType,
    keepEmpty,
  );
  const metadata: Metadata = {
    ...partitionMetadata(partition),
    PartitionKeyArray: toStrings(events.map(partitionKeyOf), keepEmpty),
    OffsetArray: toJson(events.map(numericOffset)),
    OffsetStringArray: toStrings(
      events.map((event) => String(event.offset)),
      keepEmpty,
    ),
    SequenceNumberArray: toJson(events.map((event) => event.sequenceNumber)),
    EnqueuedTimeUtcArray: toJson(events.map((event) => event.enqueuedTimeUtc)),
    PropertiesArray: toJson(events.map((event) => event.properties ?? {})),
    SystemPropertiesArray: toJson(events.map(systemProperties)),
  };
  return { data, metadata };
}

/** One event, `cardinality: 'one'`. */
export function toSinglePayload(event: ReceivedEventData, partition: PartitionIdentity, dataType: DataType): Payload {
  const metadata: Metadata = {
    ...partitionMetadata(partition),
    PartitionKey: toStringData(partitionKeyOf(event)),
    Offset: toJson(numericOffset(event)),
    OffsetString: toStringData(String(event.offset)),
    SequenceNumber: toJson(event.sequenceNumber),
    EnqueuedTimeUtc: toJson(event.enqueuedTimeUtc),
    Properties: toJson(event.properties ?? {}),
    SystemProperties: toJson(systemProperties(event)),
  };
  return { data: toBody(toBytes(event.body), dataType), metadata };
}

function partitionMetadata(partition: PartitionIdentity): Metadata {
  const context = toJson({
    PartitionId: partition.partitionId,
    ConsumerGroup: partition.consumerGroup,
    EventHubName: partition.eventHubName,
    FullyQualifiedNamespace: partition.fullyQualifiedNamespace,
    IsCheckpointingAfterInvocation: partition.isCheckpointingAfterInvocation,
  });
  return { PartitionContext: context, TriggerPartitionContext: context };
}

function systemProperties(event: ReceivedEventData): Record<string, unknown> {
  return {
    ...event.systemProperties,
    SequenceNumber: event.sequenceNumber,
    Offset: String(event.offset),
    PartitionKey: partitionKeyOf(event) ?? null,
    EnqueuedTimeUtc: event.enqueuedTimeUtc,
  };
}

function partitionKeyOf(event: ReceivedEventData): string | undefined {
  return event.partitionKey ?? undefined;
}

/** -1 where the offset is not a number, as the extension reports it. */
function numericOffset(event: ReceivedEventData): number {
  const text = String(event.offset);
  return /^\d+$/.test(text) ? Number(text) : -1;
}
