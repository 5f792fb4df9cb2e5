import { randomUUID } from 'node:crypto';
import { batchFormat } from './rhea-internals.js';
import { type DecodedMessage, decodeMessage, encodeMessage } from './rhea-message.js';
import { encodeText, replaceEntries, replaceFields } from './section-edit.js';
import { type Sections, splitSections } from './sections.js';
import { type Annotation, encodeStamp, type HeaderStamp } from './stamp-writer.js';

/** What the broker reads of a message; everything else passes through as bytes. */
export interface IncomingMessage {
  readonly properties: Buffer;
  readonly applicationProperties: Buffer | undefined;
  readonly rest: Buffer;
  readonly size: number;
  readonly fields: MessageFields;
}

/** Decoded members that rules and delivery look at. */
export interface MessageFields {
  /** Empty when there is none. */
  readonly messageId: string;
  readonly correlationId?: string;
  readonly to?: string;
  readonly replyTo?: string;
  readonly subject?: string;
  readonly sessionId?: string;
  readonly replyToSessionId?: string;
  readonly contentType?: string;
  readonly ttlMs?: number;
  readonly partitionKey?: string;
  readonly scheduledAtMs?: number;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
}

/** Whether a message without an id is given one. */
export type IdPolicy = 'give' | 'leave';

/** Read a delivery: one message, or each message of a batch with the envelope's own annotations. */
export function readDelivery(
  bytes: Buffer,
  format: number,
  ids: IdPolicy = 'give',
): { messages: IncomingMessage[]; envelope: MessageFields } {
  const outer = splitSections(bytes);
  if (format !== batchFormat) {
    const message = toIncoming(outer, bytes.length, ids);
    return { messages: [message], envelope: message.fields };
  }
  const messages = outer.data.map((inner) => toIncoming(splitSections(inner), inner.length, ids));
  return { messages, envelope: decodeFields(outer.head) };
}

function toIncoming(sections: Sections, size: number, ids: IdPolicy): IncomingMessage {
  const { applicationProperties, rest } = sections;
  const fields = decodeFields(sections.head);
  const message = { properties: sections.properties ?? Buffer.alloc(0), applicationProperties, rest, size, fields };
  return fields.messageId === '' && ids === 'give' ? identified(message) : message;
}

/** Clients misread a queue's message without an id, so one is given, as the service does. */
function identified(message: IncomingMessage): IncomingMessage {
  const messageId = randomUUID().replaceAll('-', '');
  const section = message.properties.length > 0 ? message.properties : emptyProperties;
  const properties = replaceFields(section, new Map([[messageIdIndex, encodeText(messageId)]]));
  return { ...message, properties, fields: { ...message.fields, messageId } };
}

/** A properties section without any field. */
const emptyProperties = Buffer.of(0x00, 0x53, 0x73, 0x45);
const messageIdIndex = 0;

function decodeFields(head: Buffer): MessageFields {
  const decoded = decodeMessage(head);
  const annotations: Readonly<Record<string, unknown>> = decoded.message_annotations ?? {};
  return withoutAbsent({
    messageId: toText(decoded.message_id) ?? '',
    correlationId: toText(decoded.correlation_id),
    to: decoded.to,
    replyTo: decoded.reply_to,
    subject: decoded.subject,
    sessionId: decoded.group_id,
    replyToSessionId: decoded.reply_to_group_id,
    contentType: decoded.content_type,
    ttlMs: decoded.ttl,
    partitionKey: toText(annotations['x-opt-partition-key']),
    scheduledAtMs: toMs(annotations['x-opt-scheduled-enqueue-time']),
    applicationProperties: decoded.application_properties ?? {},
  });
}

/** Read back the fields of a message from its stored sections. */
export function decodeStoredFields(properties: Buffer, applicationProperties: Buffer | undefined): MessageFields {
  const head = applicationProperties ? Buffer.concat([properties, applicationProperties]) : properties;
  return decodeFields(head);
}

function withoutAbsent(fields: { [K in keyof MessageFields]: MessageFields[K] | undefined }): MessageFields {
  const present: Record<string, unknown> = {};
  for (const name in fields) {
    const value: unknown = fields[name as keyof MessageFields]; // own members of a literal
    if (value !== undefined && value !== null) present[name] = value;
  }
  // Both required members are always present, so dropping absent optional ones leaves MessageFields.
  return present as unknown as MessageFields;
}

function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : undefined;
}

function toMs(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : undefined;
}

/** Encode a message and give its sections; the body rhea adds is not wanted here. */
function encodeSections(message: Partial<DecodedMessage>): Sections {
  return splitSections(encodeMessage({ ...message, body: null }));
}

/** What a delivery says about a message beside its own bytes. */
export interface DeliveryStamp {
  readonly header?: HeaderStamp;
  readonly annotations: readonly Annotation[];
}

/** The bytes to deliver: header and annotations from the broker, everything else as it was sent. */
export function encodeDelivery(
  { properties, applicationProperties, rest }: Pick<IncomingMessage, 'properties' | 'applicationProperties' | 'rest'>,
  { header, annotations }: DeliveryStamp,
): Buffer {
  const stamp = encodeStamp(header, annotations);
  return Buffer.concat(
    applicationProperties ? [stamp, properties, applicationProperties, rest] : [stamp, properties, rest],
  );
}

/** System properties that can be changed by name; absent means no such property. */
export type SystemProperties = Pick<
  MessageFields,
  'correlationId' | 'to' | 'replyTo' | 'subject' | 'sessionId' | 'replyToSessionId' | 'contentType'
>;

/** What to change of a message; undefined takes a property away. */
export interface MessageChanges {
  readonly system?: { readonly [K in keyof SystemProperties]?: SystemProperties[K] | undefined };
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Places in the properties section (AMQP 1.0 part 3.2.4). */
const fieldIndex: Readonly<Record<keyof SystemProperties, number>> = {
  to: 2,
  subject: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  sessionId: 10,
  replyToSessionId: 12,
};

type Editable = Pick<IncomingMessage, 'properties' | 'applicationProperties' | 'fields'>;

/** A message with some properties changed; everything else keeps its bytes. */
export function changeMessage<T extends Editable>(message: T, { system = {}, properties = {} }: MessageChanges): T {
  const replaced = Object.entries(system) as [keyof SystemProperties, string | undefined][]; // keys of the type
  const encoded = replaced.map(
    ([name, text]) => [fieldIndex[name], text === undefined ? text : toField(name, text)] as const,
  );
  return {
    ...message,
    properties: replaced.length === 0 ? message.properties : replaceFields(message.properties, new Map(encoded)),
    applicationProperties: changeApplicationProperties(message.applicationProperties, properties),
    fields: withoutAbsent({
      ...message.fields,
      ...system,
      applicationProperties: present({ ...message.fields.applicationProperties, ...properties }),
    }),
  };
}

function toField(name: keyof SystemProperties, text: string): Buffer {
  return encodeText(text, name === 'contentType' ? 'symbol' : 'string');
}

function changeApplicationProperties(
  section: Buffer | undefined,
  changes: Readonly<Record<string, unknown>>,
): Buffer | undefined {
  const names = Object.keys(changes);
  if (names.length === 0) return section;
  const additions = encodeApplicationProperties(present(changes));
  return section ? replaceEntries(section, new Set(names), additions) : additions;
}

function present(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}

/** Application properties as a section; undefined when there are none. */
function encodeApplicationProperties(properties: Readonly<Record<string, unknown>>): Buffer | undefined {
  if (Object.keys(properties).length === 0) return undefined;
  return encodeSections({ application_properties: { ...properties } }).applicationProperties;
}
