import type { OutgoingEvent } from '../../shared/adapters/event-hubs/publisher.js';

/** Forms in which an event may travel. */
export const envelopes = ['plain', 'structured', 'binary'] as const;
export type Envelope = (typeof envelopes)[number];

/** Put an event's JSON into its envelope; one port's events share a partition, and so keep their order. */
export function toOutgoingEvent(event: unknown, envelope: Envelope): OutgoingEvent {
  const partitionKey = toPartitionKey(event);
  switch (envelope) {
    case 'plain':
      return { body: toBytes(event), partitionKey };
    case 'structured':
      return { body: toBytes({ ...toAttributes(event), data: event }), partitionKey };
    case 'binary':
      return { body: toBytes(event), properties: toProperties(toAttributes(event)), partitionKey };
    default:
      return envelope satisfies never;
  }
}

/** The port an event is about, for a receipt its consumer; one shared key for what names neither. */
export function toPartitionKey(event: unknown): string {
  return readText(event, 'outputPort', 'key') ?? readText(event, 'consumer') ?? 'unknown';
}

/** The CloudEvents 1.0 attributes that say the same as the event. */
function toAttributes(event: unknown): Record<string, string> {
  const product = readText(event, 'producer', 'dataProduct') ?? readText(event, 'consumer');
  const attributes = {
    specversion: '1.0',
    id: readText(event, 'eventId'),
    source: `urn:outport:${product ?? 'unknown'}`,
    type: readText(event, 'eventType'),
    time: readText(event, 'occurredAt'),
    subject: readText(event, 'outputPort', 'key'),
    datacontenttype: 'application/json',
  };
  const given = Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(given) as Record<string, string>; // the absent ones are filtered out above
}

/** The AMQP binding of CloudEvents prefixes attributes with `cloudEvents:`. */
function toProperties(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`cloudEvents:${name}`, value]));
}

function toBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value) ?? 'null');
}

/** The text at a path of an unchecked value. */
export function readText(value: unknown, ...path: string[]): string | undefined {
  const found = path.reduce<unknown>((node, key) => {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    return (node as Record<string, unknown>)[key]; // own member, checked above
  }, value);
  return typeof found === 'string' ? found : undefined;
}
