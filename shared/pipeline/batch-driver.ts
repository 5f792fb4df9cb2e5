import type { QuarantineReason } from '../contracts/problem.js';
import type { QuarantineRecord } from '../contracts/quarantine-record.js';
import type { StageMessage } from '../contracts/stage-messages.js';
import { fromPack } from '../contracts/stage-pack.js';
import { toContentHash } from '../domain/identity.js';
import type { Clock } from '../ports/clock.js';
import { RetryableError, TerminalError } from '../ports/errors.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { StageQueues } from '../ports/stage-queues.js';

export interface DriverDeps {
  readonly queues: Pick<StageQueues, 'again'>;
  readonly quarantine: QuarantineStore;
  readonly clock: Clock;
}

/** A message as the queue delivered it, not yet trusted. */
export type Parse<M extends StageMessage> = (
  delivered: unknown,
) => { success: true; data: M } | { success: false; error: { message: string } };

export interface Batch<M extends StageMessage> {
  readonly queue: string;
  /** Messages, and packs of messages, as the queue delivered them. */
  readonly delivered: readonly unknown[];
  readonly parse: Parse<M>;
  readonly handle: (messages: readonly M[]) => Promise<unknown>;
  /** Told of every fault, also those that a later attempt mends. */
  readonly onFault?: (error: unknown) => void;
}

/** Each message of the batch is in exactly one. */
export interface DriverCounts {
  readonly handled: number;
  readonly putBack: number;
  readonly parked: number;
}

/** Attempts after which a message is parked in quarantine; with the back-off below, about an hour and a half. */
const maxAttempts = 24;
/** From this attempt on a message runs alone, so that one that always fails takes no neighbour with it. */
const aloneFromAttempt = 3;
const firstDelayMs = 1_000;
const maxDelayMs = 300_000;

/**
 * Run one batch of a queue so that every message has an outcome of its own (P6).
 *
 * D1 A handler's fault never becomes a batch throw: the platform would abandon every message of the batch at once and
 *    burn their delivery counts within seconds. Failed messages go back on the queue with a delay instead.
 * D2 An infrastructure fault puts the whole group back; any other fault makes the group run one by one.
 * D3 It throws only when the queue itself cannot take messages back, and then nothing was completed.
 */
export async function runBatch<M extends StageMessage>(batch: Batch<M>, deps: DriverDeps): Promise<DriverCounts> {
  const { messages, unreadable } = parseAll(batch, deps.clock);
  const failures: Failure[] = [];
  for (const group of toGroups(messages)) failures.push(...(await runGroup(group, batch)));
  const parked = [...unreadable, ...failures.filter(isHopeless).map((failure) => toParked(batch.queue, failure, deps))];
  const again = failures.filter((failure) => !isHopeless(failure));
  if (parked.length > 0) await deps.quarantine.put(parked);
  if (again.length > 0) await deps.queues.again(again.map((failure) => toNextAttempt(failure, deps.clock)));
  return {
    handled: messages.length + unreadable.length - parked.length - again.length,
    putBack: again.length,
    parked: parked.length,
  };
}

interface Failure {
  readonly message: StageMessage;
  readonly error: unknown;
}

function toGroups<M extends StageMessage>(messages: readonly M[]): M[][] {
  const together = messages.filter((message) => (message.attempt ?? 0) < aloneFromAttempt);
  const alone = messages.filter((message) => (message.attempt ?? 0) >= aloneFromAttempt);
  return [...(together.length > 0 ? [together] : []), ...alone.map((message) => [message])];
}

async function runGroup<M extends StageMessage>(group: readonly M[], batch: Batch<M>): Promise<Failure[]> {
  try {
    await batch.handle(group);
    return [];
  } catch (error) {
    batch.onFault?.(error);
    if (group.length === 1 || error instanceof RetryableError) return group.map((message) => ({ message, error }));
  }
  const failures: Failure[] = [];
  for (const message of group) failures.push(...(await runGroup([message], batch)));
  return failures;
}

function isHopeless({ message, error }: Failure): boolean {
  return error instanceof TerminalError || (message.attempt ?? 0) + 1 >= maxAttempts;
}

function toNextAttempt({ message }: Failure, clock: Clock): { message: StageMessage; atMs: number } {
  const attempt = (message.attempt ?? 0) + 1;
  const delayMs = Math.min(firstDelayMs * 2 ** (attempt - 1), maxDelayMs);
  return { message: { ...message, attempt }, atMs: clock.nowMs() + delayMs };
}

function parseAll<M extends StageMessage>(
  batch: Batch<M>,
  clock: Clock,
): { messages: M[]; unreadable: QuarantineRecord[] } {
  const messages: M[] = [];
  const unreadable: QuarantineRecord[] = [];
  for (const delivered of batch.delivered.flatMap(fromPack)) {
    const parsed = batch.parse(delivered);
    if (parsed.success) messages.push(parsed.data);
    else unreadable.push(toRecord(batch.queue, delivered, ['invalid-stage-message', parsed.error.message], clock));
  }
  return { messages, unreadable };
}

function toParked(queue: string, { message, error }: Failure, { clock }: DriverDeps): QuarantineRecord {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return toRecord(queue, message, ['retries-exhausted', text], clock);
}

function toRecord(
  queue: string,
  content: unknown,
  [reason, message]: [QuarantineReason, string],
  clock: Clock,
): QuarantineRecord {
  const text = JSON.stringify(content) ?? 'null';
  const now = new Date(clock.nowMs()).toISOString();
  return {
    reason,
    problems: [{ path: '$', message: message.slice(0, 2_000) }],
    bodyBase64: Buffer.from(text).toString('base64'),
    // Of the text, because content from outside need not be fit for canonical JSON. The content's hash stands for a position: the same message parked twice is kept once.
    origin: {
      hub: `queue ${queue}`,
      partition: toContentHash(text).slice(0, 16),
      sequenceNumber: '0',
      offset: '0',
      enqueuedAt: now,
    },
    receivedAt: now,
    quarantinedAt: now,
  };
}
