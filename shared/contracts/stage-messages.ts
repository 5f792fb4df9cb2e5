import { z } from 'zod';
import { ReadinessEvent } from './events/readiness-event.js';
import { Origin } from './origin.js';
import { isBodyOf, TriggerHeading } from './outgoing-trigger.js';
import { Signal } from './signal.js';
import { EventSignature } from './signing.js';

/** How often a message was put back after a fault of the infrastructure; 0 or absent the first time. */
const attempt = z.int().min(0).optional();

/** ingest -> normalize: one valid event. */
export const NormalizeMessage = z.object({
  kind: z.literal('normalize'),
  event: ReadinessEvent,
  /** Of the event's signal; for a receipt only its trace comes from the same hash. */
  signalId: z.string(),
  contentHash: z.string(),
  origin: Origin,
  receivedAt: z.iso.datetime(),
  traceparent: z.string(),
  /** Only for events that came with one: the check needs the registry, so it is not ingest's. */
  signature: EventSignature.optional(),
  attempt,
});
export type NormalizeMessage = z.infer<typeof NormalizeMessage>;

/** normalize -> evaluate: one stored signal. */
export const EvaluateMessage = z.object({ kind: z.literal('evaluate'), signal: Signal, attempt });
export type EvaluateMessage = z.infer<typeof EvaluateMessage>;

/**
 * evaluate or sweep -> dispatch: one pending trigger, with its body as text; a body too large to travel along is absent
 * and stays in the ledger. `etag` spares a read when nobody touched the row since.
 */
export const DispatchMessage = z.object({
  kind: z.literal('dispatch'),
  trigger: TriggerHeading.extend({ body: z.string().optional() }).refine(
    ({ body, ...heading }) => body === undefined || isBodyOf(heading, body),
    'the body is not that of this trigger',
  ),
  etag: z.string().optional(),
  attempt,
});
export type DispatchMessage = z.infer<typeof DispatchMessage>;

/** Any message between the functions. */
export type StageMessage = NormalizeMessage | EvaluateMessage | DispatchMessage;
