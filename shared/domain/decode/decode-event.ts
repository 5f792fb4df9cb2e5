import { limits } from '../../contracts/limits.js';
import { isEventAsIs, ReadinessEvent, readinessEventSchemas } from '../../contracts/events/readiness-event.js';
import type { Problem, QuarantineReason } from '../../contracts/problem.js';
import { toSafeText } from '../safe-text.js';
import { toBodyText } from './body-text.js';
import { isTraceparent, openEnvelope, type TransportProperties } from './envelope.js';
import { checkJsonShape } from './json-guard.js';
import { toProblems } from './problems.js';

/** What could be read of a refused event, for finding it again. */
export interface Clues {
  readonly eventId?: string;
  readonly eventType?: string;
  readonly producer?: string;
  readonly port?: string;
  readonly stage?: string;
}

/** A valid event, or exactly one reason code with every problem. */
export type DecodedEvent =
  | { readonly ok: true; readonly event: ReadinessEvent; readonly traceparent?: string }
  | { readonly ok: false; readonly reason: QuarantineReason; readonly problems: Problem[]; readonly clues: Clues };

/** Turn the bytes of a hub event into a valid readiness event. Never throws: whatever comes in has an outcome. */
export function decodeEvent(bytes: Uint8Array, properties: TransportProperties): DecodedEvent {
  if (bytes.byteLength > limits.eventBytes) {
    const size = `the body has ${bytes.byteLength} bytes, the limit is ${limits.eventBytes}`;
    return refuse('too-large', `${size}; send a reference to what is large`);
  }
  const body = toBodyText(bytes);
  if (!body.ok) return refuse('not-utf8', body.message);
  const json = toJson(body.text);
  if (!json.ok) return refuse('not-json', json.message);
  const refusal = checkJsonShape({ bytes, text: body.text, value: json.value });
  if (refusal) return { ok: false, reason: refusal.reason, problems: [refusal.problem], clues: toClues(json.value) };
  return decodeJson(json.value, properties);
}

function decodeJson(value: unknown, properties: TransportProperties): DecodedEvent {
  const opened = openEnvelope(value, properties);
  if (!opened.ok) return { ...opened, clues: toClues(value) };
  const decoded = validate(opened.event);
  if (!decoded.ok || !isTraceparent(opened.traceparent)) return decoded;
  return { ...decoded, traceparent: opened.traceparent };
}

function validate(value: unknown): DecodedEvent {
  if (Array.isArray(value)) return refuse('invalid-event', 'is a list; send each readiness event as a body of its own');
  if (isEventAsIs(value)) return { ok: true, event: value };
  const parsed = ReadinessEvent.safeParse(value);
  if (parsed.success) return { ok: true, event: parsed.data };
  const clues = toClues(value);
  const known = clues.eventType !== undefined && Object.hasOwn(readinessEventSchemas, clues.eventType);
  if (known || clues.eventType === undefined) {
    return { ok: false, reason: 'invalid-event', problems: toProblems(parsed.error, value), clues };
  }
  const names = Object.keys(readinessEventSchemas).join(', ');
  const problems = [{ path: 'eventType', message: `is not one of ${names}` }];
  return { ok: false, reason: 'unknown-event-type', problems, clues };
}

function toJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (cause) {
    if (text.trim() === '') return { ok: false, message: 'the body is empty; send the event as JSON' };
    const detail = cause instanceof SyntaxError ? cause.message : String(cause);
    return { ok: false, message: `the body is not JSON: ${toSafeText(detail.slice(0, 200))}` };
  }
}

function refuse(reason: QuarantineReason, message: string): DecodedEvent {
  return { ok: false, reason, problems: [{ path: '$', message }], clues: {} };
}

function toClues(value: unknown): Clues {
  const at = (...path: string[]): string | undefined => {
    const found = path.reduce<unknown>((node, key) => (isRecord(node) ? node[key] : undefined), value);
    return typeof found === 'string' ? toSafeText(found.slice(0, limits.idLength)) : undefined;
  };
  const clues = {
    eventId: at('eventId') ?? at('id'),
    eventType: at('eventType') ?? at('type'),
    producer: at('producer', 'dataProduct') ?? at('data', 'producer', 'dataProduct'),
    port: at('outputPort', 'key') ?? at('data', 'outputPort', 'key'),
    stage: at('outputPort', 'stage') ?? at('data', 'outputPort', 'stage'),
  };
  return Object.fromEntries(Object.entries(clues).filter(([, found]) => found !== undefined));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
