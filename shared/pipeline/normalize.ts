import type { PortEvent } from '../contracts/events/readiness-event.js';
import { isSameOrigin } from '../contracts/origin.js';
import type { Problem, QuarantineReason } from '../contracts/problem.js';
import type { QuarantineRecord } from '../contracts/quarantine-record.js';
import type { Signal } from '../contracts/signal.js';
import type { NormalizeMessage } from '../contracts/stage-messages.js';
import { checkAdmission, type Refusal } from '../domain/admission.js';
import type { CompiledRegistry } from '../domain/compiled-registry.js';
import { toReceiptMs } from '../domain/instant.js';
import { toSignal } from '../domain/signal.js';
import { checkSignature } from '../domain/signature.js';
import type { Clock } from '../ports/clock.js';
import type { Ledger } from '../ports/ledger.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { SignalStore, StoreOutcome } from '../ports/signal-store.js';
import type { StageQueues } from '../ports/stage-queues.js';
import { type ReceiptMessage, recordReceipts } from './record-receipts.js';
import type { RegistrySource } from './registry-source.js';

export interface NormalizeDeps {
  readonly signals: SignalStore;
  readonly ledger: Pick<Ledger, 'get' | 'addReceipt'>;
  readonly quarantine: QuarantineStore;
  readonly queues: Pick<StageQueues, 'toEvaluate'>;
  readonly registry: RegistrySource;
  readonly stages: readonly string[];
  readonly clock: Clock;
}

/** How many messages of a batch ended how; each is in exactly one. */
export interface NormalizeCounts {
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly receipts: number;
}

type PortMessage = NormalizeMessage & { event: PortEvent };

/**
 * Make each event a signal, a recorded duplicate, a receipt or a quarantined record, then hand new signals on.
 * Safe to repeat with the same messages. @throws RetryableError
 */
export async function normalize(messages: readonly NormalizeMessage[], deps: NormalizeDeps): Promise<NormalizeCounts> {
  const registry = await deps.registry.current();
  const refused: QuarantineRecord[] = [];
  const trusted: NormalizeMessage[] = [];
  for (const message of messages) {
    const refusal = toRefusal(message, registry, deps.stages);
    if (refusal && !(await isStored(message, deps.signals))) refused.push(toRefused(message, refusal, deps.clock));
    else trusted.push(message);
  }
  const receipts = await recordReceipts(trusted.filter(isReceipt), deps);
  refused.push(...receipts.refused);
  const admitted = trusted.filter(isPortMessage).map((message) => {
    return { message, signal: toSignal(message, registry?.version ?? 'none') };
  });
  const outcomes = await deps.signals.insert(admitted.map(({ signal }) => signal));
  outcomes.forEach((outcome, index) => {
    const message = admitted[index]?.message;
    if (outcome.kind === 'conflict' && message) refused.push(toConflict(message, outcome.first, deps.clock));
  });
  const fresh = admitted.flatMap(({ signal }, index) => toFresh(signal, outcomes[index]));
  if (refused.length > 0) await deps.quarantine.put(refused);
  if (fresh.length > 0) await deps.queues.toEvaluate(fresh.map((signal) => ({ kind: 'evaluate', signal })));
  const duplicates = outcomes.filter((outcome) => outcome.kind === 'duplicate').length;
  return { stored: fresh.length, duplicates, quarantined: refused.length, receipts: receipts.recorded };
}

/**
 * A redelivered signal goes on again: the first attempt may have died between storing and handing on. It goes on as it
 * was stored, so that every verdict is about the row that explains it.
 */
function toFresh(signal: Signal, outcome: StoreOutcome | undefined): Signal[] {
  if (outcome?.kind === 'stored') return [signal];
  return outcome?.kind === 'redelivered' ? [outcome.first] : [];
}

function toRefusal(
  message: NormalizeMessage,
  registry: CompiledRegistry | undefined,
  stages: readonly string[],
): Refusal | undefined {
  const product = registry?.products.get(toPublisher(message));
  const refusal = checkSignature(product, message.signature, Date.parse(message.origin.enqueuedAt));
  if (refusal !== undefined || !isPortMessage(message)) return refusal;
  return checkAdmission(message.event, { registry, stages, receivedAtMs: toReceiptMs(message.receivedAt) });
}

/** An earlier attempt admitted this very event under another registry; it is a signal, and stays one. */
async function isStored(message: NormalizeMessage, signals: SignalStore): Promise<boolean> {
  if (!isPortMessage(message)) return false;
  const { stage, producerDp, signalId } = toSignal(message, '');
  const stored = await signals.get({ stage, producerDp, signalId });
  return stored !== undefined && isSameOrigin(stored.origin, message.origin);
}

function isReceipt(message: NormalizeMessage): message is ReceiptMessage {
  return message.event.eventType === 'TriggerReceipt';
}

/** Whether a message is about a port, and so may become a signal; the others are receipts. */
export function isPortMessage(message: NormalizeMessage): message is PortMessage {
  return message.event.eventType !== 'TriggerReceipt';
}

function toConflict(message: PortMessage, first: Signal, clock: Clock): QuarantineRecord {
  const text = `${first.producerDp} used this id before, at ${first.receivedAt}, for other content; give each fact its own id`;
  return toRefused(message, { reason: 'event-id-conflict', problems: [{ path: 'eventId', message: text }] }, clock);
}

/** The data product that says it published this. */
function toPublisher({ event }: NormalizeMessage): string {
  return event.eventType === 'TriggerReceipt' ? event.consumer : event.producer.dataProduct;
}

function toRefused(
  message: NormalizeMessage,
  refusal: { reason: QuarantineReason; problems: Problem[] },
  clock: Clock,
): QuarantineRecord {
  const { event, origin, receivedAt, signature } = message;
  return {
    ...refusal,
    bodyBase64: signature?.bodyBase64 ?? Buffer.from(JSON.stringify(event)).toString('base64'),
    origin,
    receivedAt,
    quarantinedAt: new Date(clock.nowMs()).toISOString(),
    eventId: event.eventId,
    eventType: event.eventType,
    producer: toPublisher(message),
    ...(event.eventType !== 'TriggerReceipt' && { port: event.outputPort.key, stage: event.outputPort.stage }),
  };
}
