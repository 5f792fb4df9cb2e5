import { CloudEventAttributes } from '../../contracts/cloud-event.js';
import type { Problem, QuarantineReason } from '../../contracts/problem.js';
import { isSigned } from '../signature.js';
import { toProblems } from './problems.js';

/** Properties a hub event carries beside its body; names are compared without regard to case. */
export type TransportProperties = Readonly<Record<string, unknown>>;

type Property = readonly [name: string, value: unknown];

/** The event without its envelope, or why the envelope could not be opened. */
export type OpenedEnvelope =
  | { readonly ok: true; readonly event: unknown; readonly traceparent?: string }
  | {
      readonly ok: false;
      readonly reason: Extract<QuarantineReason, 'invalid-envelope' | 'envelope-mismatch'>;
      readonly problems: Problem[];
    };

// The AMQP binding of CloudEvents 1.0 prefixes attributes with `cloudEvents:`; `cloudEvents_` is its JMS-safe form.
const binaryPrefix = /^cloudevents[:_](?=[a-z0-9]{1,64}$)/i;
/** Members that attributes could fill in from outside of what a signature covers. */
const signedMembers = ['eventId', 'eventType', 'occurredAt'];
const binaryPath = 'properties.cloudEvents:';

/**
 * Take an event out of its CloudEvents 1.0 envelope, structured (members of the body) or binary (application
 * properties); a body without either is the event itself. Attributes fill in what the event leaves out (`id`, `type`,
 * `time`) and must agree with what it says.
 */
export function openEnvelope(body: unknown, properties: TransportProperties): OpenedEnvelope {
  const given = Object.entries(properties);
  const binary = toBinaryAttributes(given);
  if (binary !== undefined) return openBinary(binary, body, isSigned(properties));
  if (isRecord(body) && 'specversion' in body) return openStructured(body);
  const traceparent = readTraceparent(given);
  return { ok: true, event: body, ...(traceparent !== undefined && { traceparent }) };
}

function openBinary(given: readonly Property[], body: unknown, signed: boolean): OpenedEnvelope {
  const names = given.map(([name]) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length > 0) {
    const message = 'is given twice, in upper and lower case or with both prefixes; keep one of them';
    return refuse('invalid-envelope', [{ path: `${binaryPath}${repeated[0]}`, message }]);
  }
  const outside = signed && isRecord(body) ? signedMembers.filter((member) => !Object.hasOwn(body, member)) : [];
  if (outside.length > 0) {
    const message = 'must be in the body of a signed event; the properties beside it are not signed';
    return refuse(
      'invalid-envelope',
      outside.map((path) => ({ path, message })),
    );
  }
  return open(Object.fromEntries(given), body, binaryPath);
}

function openStructured(body: Record<string, unknown>): OpenedEnvelope {
  if ('data_base64' in body) {
    return refuse('invalid-envelope', [{ path: 'data_base64', message: 'send the event as JSON in "data"' }]);
  }
  const { data, ...attributes } = body;
  return open(attributes, data, '');
}

function open(attributes: Record<string, unknown>, data: unknown, pathPrefix: string): OpenedEnvelope {
  const parsed = CloudEventAttributes.safeParse(attributes);
  if (!parsed.success) return refuse('invalid-envelope', toProblems(parsed.error, attributes, pathPrefix));
  if (!isRecord(data)) {
    return refuse('invalid-envelope', [{ path: 'data', message: 'must be the readiness event as a JSON object' }]);
  }
  const filled = { eventType: parsed.data.type, eventId: parsed.data.id, ...timeOf(parsed.data), ...data };
  const mismatches = findMismatches(parsed.data, filled);
  if (mismatches.length > 0) return refuse('envelope-mismatch', mismatches);
  return { ok: true, event: filled, ...(parsed.data.traceparent && { traceparent: parsed.data.traceparent }) };
}

function timeOf(attributes: CloudEventAttributes): { occurredAt?: string } {
  return attributes.time === undefined ? {} : { occurredAt: attributes.time };
}

function findMismatches(attributes: CloudEventAttributes, event: Record<string, unknown>): Problem[] {
  const pairs = [
    ['id', attributes.id, 'eventId'],
    ['type', attributes.type, 'eventType'],
  ] as const;
  return pairs
    .filter(([, value, member]) => event[member] !== value)
    .map(([attribute, , member]) => ({
      path: member,
      message: `differs from the CloudEvents attribute "${attribute}"; make them equal or leave "${member}" out`,
    }));
}

/** Names in lower case; what cannot be an attribute's name is not one. Undefined when there are none. */
function toBinaryAttributes(given: readonly Property[]): Property[] | undefined {
  const attributes = given.filter(([name]) => binaryPrefix.test(name));
  if (attributes.length === 0) return undefined;
  return attributes.map(([name, value]) => [name.replace(binaryPrefix, '').toLowerCase(), value]);
}

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function readTraceparent(given: readonly Property[]): string | undefined {
  const named = given.find(([name]) => /^(traceparent|diagnostic-id)$/i.test(name));
  return typeof named?.[1] === 'string' ? named[1] : undefined;
}

/** Whether a text is a W3C traceparent (version 00) that names a trace. */
export function isTraceparent(text: string | undefined): text is string {
  return text !== undefined && traceparentPattern.test(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(reason: 'invalid-envelope' | 'envelope-mismatch', problems: Problem[]): OpenedEnvelope {
  return { ok: false, reason, problems };
}
