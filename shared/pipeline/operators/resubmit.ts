import type { Problem } from '../../contracts/problem.js';
import type { QuarantineItem } from '../../contracts/quarantine-item.js';
import {
  DispatchMessage,
  EvaluateMessage,
  NormalizeMessage,
  type StageMessage,
} from '../../contracts/stage-messages.js';
import { Trigger } from '../../contracts/trigger.js';
import { checkAdmission } from '../../domain/admission.js';
import { decodeEvent } from '../../domain/decode/decode-event.js';
import { checkSignature } from '../../domain/signature.js';
import type { Clock } from '../../ports/clock.js';
import type { EventPublisher, PublishedEvent } from '../../ports/event-publisher.js';
import type { Ledger } from '../../ports/ledger.js';
import type { StageQueues } from '../../ports/stage-queues.js';
import type { RegistrySource } from '../registry-source.js';
import { toDispatchMessage } from '../to-dispatch-message.js';
import { toPartitionKey } from './publish-events.js';

export interface ResubmitDeps {
  readonly publisher: EventPublisher;
  readonly queues: Pick<StageQueues, 'toNormalize' | 'toEvaluate' | 'toDispatch'>;
  readonly ledger: Pick<Ledger, 'reopen'>;
  readonly registry: RegistrySource;
  readonly stages: readonly string[];
  readonly clock: Clock;
}

/** What to send again, and where. */
export type Resubmittable =
  /** An event goes the whole way again, from the hub. */
  | { readonly kind: 'event'; readonly eventId: string; readonly outgoing: PublishedEvent }
  /** A message that a function gave up on goes back on its queue. */
  | { readonly kind: 'message'; readonly eventId?: never; readonly message: StageMessage };

type Check =
  { readonly ok: true; readonly value: Resubmittable } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Whether a record, or `corrected` in its place, would get through now. @throws RetryableError */
export async function checkResubmit(
  item: QuarantineItem,
  corrected: Readonly<Record<string, unknown>> | undefined,
  deps: ResubmitDeps,
): Promise<Check> {
  const body =
    corrected === undefined ? Buffer.from(item.bodyBase64, 'base64') : Buffer.from(JSON.stringify(corrected));
  switch (item.reason) {
    case 'retries-exhausted':
    case 'trigger-refused':
    case 'invalid-stage-message':
      return checkMessage(body);
    case 'event-id-conflict':
      if (corrected === undefined) return refuse('eventId', 'is taken by another fact; correct it to an id of its own');
      return checkEvent(body, deps);
    default:
      return checkEvent(body, deps);
  }
}

async function checkEvent(body: Buffer, deps: ResubmitDeps): Promise<Check> {
  const decoded = decodeEvent(body, {});
  if (!decoded.ok) return { ok: false, problems: decoded.problems };
  const { event } = decoded;
  if (event.eventType !== 'TriggerReceipt') {
    const registry = await deps.registry.current();
    const nowMs = deps.clock.nowMs();
    // What we publish carries no signature of the producer's.
    const refusal =
      checkSignature(registry?.products.get(event.producer.dataProduct), undefined, nowMs) ??
      checkAdmission(event, { registry, stages: deps.stages, receivedAtMs: nowMs });
    if (refusal) return { ok: false, problems: refusal.problems };
  }
  const outgoing = { body, partitionKey: toPartitionKey(decoded) };
  return { ok: true, value: { kind: 'event', eventId: event.eventId, outgoing } };
}

/** A parked message is the message itself; a refused trigger is the trigger. */
function checkMessage(body: Buffer): Check {
  const content = toJson(body.toString('utf8'));
  for (const schema of [NormalizeMessage, EvaluateMessage]) {
    const parsed = schema.safeParse(content);
    if (parsed.success) return { ok: true, value: { kind: 'message', message: { ...parsed.data, attempt: 0 } } };
  }
  const message = readDispatchMessage(content);
  if (message === undefined) return refuse('$', 'is no message that any function reads; discard it');
  return { ok: true, value: { kind: 'message', message: { ...message, attempt: 0 } } };
}

/** `dispatch` reads no body. What somebody may have corrected is read here, and the message is made of it anew. */
function readDispatchMessage(content: unknown): DispatchMessage | undefined {
  const { data: parked } = DispatchMessage.safeParse(content);
  if (parked === undefined) return makeDispatchMessage(content);
  const { body, unsentPage } = parked.trigger;
  if (body === undefined) return parked;
  return makeDispatchMessage(toJson(body), {
    etag: parked.etag ?? '',
    ...(unsentPage !== undefined && { unsentPage }),
  });
}

/** The etag of a parked message is that of a pending trigger; an empty one has whatever it became looked up. */
function makeDispatchMessage(
  content: unknown,
  entry: { etag: string; unsentPage?: string } = { etag: '' },
): DispatchMessage | undefined {
  const { data: trigger } = Trigger.safeParse(content);
  return trigger && toDispatchMessage({ trigger, state: 'pending', ...entry });
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(path: string, message: string): Check {
  return { ok: false, problems: [{ path, message }] };
}

/** @throws RetryableError | TerminalError */
export async function sendAgain(
  what: Resubmittable,
  { publisher, queues, ledger, clock }: ResubmitDeps,
): Promise<void> {
  if (what.kind === 'event') return publisher.publish([what.outgoing]);
  const { message } = what;
  switch (message.kind) {
    case 'normalize':
      return queues.toNormalize([message]);
    case 'evaluate':
      return queues.toEvaluate([message]);
    case 'dispatch': {
      // One that the topic refused is tried again only because somebody asks for it.
      await ledger.reopen(message.trigger.triggerId, new Date(clock.nowMs()).toISOString());
      return queues.toDispatch([message]);
    }
    default:
      return message satisfies never;
  }
}
