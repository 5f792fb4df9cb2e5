import type { OutgoingTrigger } from '../contracts/outgoing-trigger.js';
import type { QuarantineRecord } from '../contracts/quarantine-record.js';
import type { DispatchMessage } from '../contracts/stage-messages.js';
import { toOutgoingTrigger } from '../domain/outgoing-trigger.js';
import type { Clock } from '../ports/clock.js';
import { RetryableError } from '../ports/errors.js';
import type { Ledger } from '../ports/ledger.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { PauseSource } from './pause-source.js';
import type { SendOutcome, TriggerTopic } from '../ports/trigger-topic.js';

export interface DispatchDeps {
  readonly ledger: Pick<Ledger, 'claim' | 'markSent' | 'hold' | 'markRefused' | 'get'>;
  readonly topic: TriggerTopic;
  readonly quarantine: QuarantineStore;
  readonly pauses: PauseSource;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/** How many triggers of a batch were sent, how many another delivery had dealt with, and how late the latest was. */
export interface DispatchCounts {
  readonly sent: number;
  readonly skipped: number;
  readonly refused: number;
  /** The longest time from receiving a trigger's last input to having sent it, of live ones that nothing held back. */
  readonly slowestMs: number;
}

/**
 * Claim each pending trigger in the ledger, send it, mark it sent.
 *
 * The claim is the first net against a second effect: a message that comes again, however late, finds its trigger sent
 * or leased. A death between send and mark leaves the lease to run out; the sweep then sends again with the same
 * MessageId, which the topic's duplicate detection drops. What the topic refuses for good is quarantined first and then
 * leaves the unsent ones. @throws RetryableError
 */
export async function dispatch(messages: readonly DispatchMessage[], deps: DispatchDeps): Promise<DispatchCounts> {
  const unique = [...new Map(messages.map((message) => [message.trigger.triggerId, message])).values()];
  const free = await holdPaused(unique, deps);
  const counts = await sendClaimed(await claim(free, deps), deps);
  return { ...counts, skipped: messages.length - counts.sent - counts.refused };
}

/**
 * Send triggers that were recorded under a lease, which is a claim, and mark them sent. Once the lease is over they are
 * anybody's, and the sweep hands them on. @throws RetryableError
 */
export async function dispatchLeased(
  triggers: readonly OutgoingTrigger[],
  leaseUntil: string,
  deps: DispatchDeps,
): Promise<DispatchCounts> {
  const isOver = deps.clock.nowMs() >= Date.parse(leaseUntil);
  const counts = await sendClaimed(isOver ? [] : triggers, deps);
  return { ...counts, skipped: triggers.length - counts.sent - counts.refused };
}

async function sendClaimed(
  claimed: readonly OutgoingTrigger[],
  deps: DispatchDeps,
): Promise<Omit<DispatchCounts, 'skipped'>> {
  const outcomes = claimed.length > 0 ? await deps.topic.send(claimed) : [];
  const sent = claimed.filter((_, index) => outcomes[index]?.kind === 'sent');
  const sentAtMs = deps.clock.nowMs();
  if (sent.length > 0) await deps.ledger.markSent(sent, new Date(sentAtMs).toISOString());
  const refusals = claimed.flatMap((trigger, index) => toRefusal(trigger, outcomes[index]));
  if (refusals.length > 0) await putAside(refusals, deps);
  const slowestMs = Math.max(0, ...sent.filter(isPrompt).map(({ receivedAt }) => sentAtMs - Date.parse(receivedAt)));
  return { sent: sent.length, refused: refusals.length, slowestMs };
}

function isPrompt({ cause, wasHeld }: OutgoingTrigger): boolean {
  return cause === 'live' && !wasHeld;
}

/** What an operator stopped goes back to the ledger as held; the others go on. */
async function holdPaused(messages: readonly DispatchMessage[], deps: DispatchDeps): Promise<DispatchMessage[]> {
  const pauseOf = await deps.pauses.current();
  const free: DispatchMessage[] = [];
  for (const message of messages) {
    const pause = pauseOf(message.trigger);
    if (pause === undefined) free.push(message);
    else await deps.ledger.hold(message.trigger, [pause]);
  }
  return free;
}

async function claim(messages: readonly DispatchMessage[], deps: DispatchDeps): Promise<OutgoingTrigger[]> {
  const requests = messages.map(({ trigger, etag }) => ({
    triggerId: trigger.triggerId,
    ...(etag !== undefined && { etag }),
  }));
  const claims = await deps.ledger.claim(requests, { nowMs: deps.clock.nowMs(), leaseMs: deps.leaseMs });
  const claimed = messages.filter((_, index) => claims[index]?.kind === 'claimed');
  return Promise.all(claimed.map(({ trigger }) => withBody(trigger, deps.ledger)));
}

/** A body that did not travel along is read once its trigger is claimed, and so cannot change any more. */
async function withBody(
  { body, ...heading }: DispatchMessage['trigger'],
  ledger: Pick<Ledger, 'get'>,
): Promise<OutgoingTrigger> {
  if (body !== undefined) return { ...heading, body };
  const entry = await ledger.get(heading.triggerId);
  if (entry === undefined) throw new RetryableError(`trigger ${heading.triggerId} was claimed but cannot be read`);
  return toOutgoingTrigger(entry.trigger, entry.unsentPage);
}

interface Refusal {
  readonly trigger: OutgoingTrigger;
  readonly reason: string;
}

function toRefusal(trigger: OutgoingTrigger, outcome: SendOutcome | undefined): Refusal[] {
  return outcome?.kind === 'refused' ? [{ trigger, reason: outcome.reason }] : [];
}

/** Quarantined first, then called refused: a death in between leaves it to be tried once more. */
async function putAside(refusals: readonly Refusal[], { ledger, quarantine, clock }: DispatchDeps): Promise<void> {
  const entries = await Promise.all(refusals.map(({ trigger }) => ledger.get(trigger.triggerId)));
  const times = entries.map((entry) => entry?.reopenedAt);
  await quarantine.put(refusals.map((refusal, index) => toRecord(refusal, times[index], clock)));
  await ledger.markRefused(
    refusals.map(({ trigger: { triggerId }, reason }, index) => ({ triggerId, reason, reopenedAt: times[index] })),
  );
}

/** One that an operator had tried again is a record of its own, which is open and can be tried again in turn. */
function toRecord({ trigger, reason }: Refusal, reopenedAt: string | undefined, clock: Clock): QuarantineRecord {
  const now = new Date(clock.nowMs()).toISOString();
  return {
    reason: 'trigger-refused',
    problems: [{ path: '$', message: reason }],
    bodyBase64: Buffer.from(trigger.body).toString('base64'),
    origin: {
      hub: 'ledger',
      partition: trigger.triggerId,
      sequenceNumber: reopenedAt === undefined ? '0' : String(Date.parse(reopenedAt)),
      offset: '0',
      enqueuedAt: trigger.decidedAt,
    },
    receivedAt: trigger.decidedAt,
    quarantinedAt: now,
    port: trigger.ports[0] ?? '',
    stage: trigger.stage,
  };
}
