import type { IncomingEvent } from '../../shared/pipeline/operators/publish-events.js';
import type { SimulatedEvent } from '../../shared/pipeline/operators/simulate.js';

type Attributes = Readonly<Record<string, string>>;
type JsonEvent = Readonly<Record<string, unknown>>;

/** Events as they would be read from the hub; attributes in headers speak of a single event only. */
export function toIncomingEvents(body: JsonEvent | readonly JsonEvent[], attributes: Attributes): IncomingEvent[] {
  if (!isList(body)) return [toSimulatedEvent(body, attributes)];
  return body.map((event) => ({ body: toBytes(event) }));
}

/** One event as it would be read from the hub. */
export function toSimulatedEvent(body: JsonEvent, attributes: Attributes): SimulatedEvent {
  return { body: toBytes(body), properties: toProperties(attributes) };
}

function isList(body: JsonEvent | readonly JsonEvent[]): body is readonly JsonEvent[] {
  return Array.isArray(body);
}

function toBytes(event: JsonEvent): Uint8Array {
  return Buffer.from(JSON.stringify(event));
}

/** The HTTP binding of CloudEvents names attributes `ce-<name>`, the AMQP one `cloudEvents:<name>`. */
function toProperties(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`cloudEvents:${name}`, value]));
}
