import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { toBytes } from '../worker/rpc-decode.js';
import { toBodies, toBody, toJson, toStringData, toStrings, type DataType } from '../worker/rpc-encode.js';
import type { RpcTypedData } from '../worker/rpc.js';

interface Payload {
  readonly data: RpcTypedData;
  readonly metadata: Record<string, RpcTypedData>;
}

type Texts = Readonly<Record<string, (message: ServiceBusReceivedMessage) => string | undefined>>;
type Values = Readonly<Record<string, (message: ServiceBusReceivedMessage) => unknown>>;

/** The end of .NET's time: what a message without time-to-live shows as its expiry. */
const NEVER = new Date('9999-12-31T23:59:59.999Z');

const TEXTS: Texts = {
  MessageId: (message) => toText(message.messageId),
  LockToken: (message) => message.lockToken,
  SessionId: (message) => message.sessionId,
  CorrelationId: (message) => toText(message.correlationId),
  Subject: (message) => message.subject,
  Label: (message) => message.subject,
  ContentType: (message) => message.contentType,
  To: (message) => message.to,
  ReplyTo: (message) => message.replyTo,
  ReplyToSessionId: (message) => message.replyToSessionId,
  PartitionKey: (message) => message.partitionKey,
  TransactionPartitionKey: (message) => message.partitionKey,
  DeadLetterSource: (message) => message.deadLetterSource,
};

const VALUES: Values = {
  // The platform counts the delivery at hand; the wire counts the earlier ones.
  DeliveryCount: (message) => (message.deliveryCount ?? 0) + 1,
  SequenceNumber: (message) => toSequenceNumber(message),
  EnqueuedTimeUtc: (message) => message.enqueuedTimeUtc,
  EnqueuedTime: (message) => message.enqueuedTimeUtc,
  ExpiresAtUtc: toExpiry,
  ExpiresAt: toExpiry,
  ApplicationProperties: (message) => message.applicationProperties ?? {},
  UserProperties: (message) => message.applicationProperties ?? {},
};

/** A batch, `cardinality: 'many'`: every member of the metadata is an array. */
export function toBatchPayload(
  messages: readonly ServiceBusReceivedMessage[],
  encoding: { readonly dataType: DataType; readonly keepEmpty: boolean },
): Payload {
  const bodies = messages.map((message) => toBytes(message.body));
  const metadata: Record<string, RpcTypedData> = {};
  for (const [name, read] of Object.entries(TEXTS)) {
    metadata[`${name}Array`] = toStrings(messages.map(read), encoding.keepEmpty);
  }
  for (const [name, read] of Object.entries(VALUES)) metadata[`${name}Array`] = toJson(messages.map(read));
  return { data: toBodies(bodies, encoding.dataType, encoding.keepEmpty), metadata };
}

/** One message, `cardinality: 'one'`. */
export function toSinglePayload(message: ServiceBusReceivedMessage, dataType: DataType): Payload {
  const metadata: Record<string, RpcTypedData> = {};
  for (const [name, read] of Object.entries(TEXTS)) metadata[name] = toStringData(read(message));
  for (const [name, read] of Object.entries(VALUES)) metadata[name] = toJson(read(message));
  return { data: toBody(toBytes(message.body), dataType), metadata };
}

/** The trace context a producer left on a single message. */
export function traceParentOf(message: ServiceBusReceivedMessage): string | undefined {
  const value = message.applicationProperties?.['Diagnostic-Id'];
  return typeof value === 'string' ? value : undefined;
}

function toText(id: string | number | Buffer | undefined): string | undefined {
  if (id === undefined || typeof id === 'string') return id;
  return typeof id === 'number' ? String(id) : id.toString('hex');
}

function toExpiry({ expiresAtUtc }: ServiceBusReceivedMessage): Date {
  return expiresAtUtc && expiresAtUtc < NEVER ? expiresAtUtc : NEVER;
}

function toSequenceNumber(message: ServiceBusReceivedMessage): number | string | null {
  const text = message.sequenceNumber?.toString();
  if (text === undefined) return null;
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}
