import type { QuarantineRecord } from '../contracts/quarantine-record.js';
import type { DispatchMessage } from '../contracts/stage-messages.js';
import type { Trigger } from '../contracts/trigger.js';
import type { Clock } from '../ports/clock.js';
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
  const claimed = await claim(free, deps);
  const outcomes = claimed.length > 0 ? await deps.topic.send(claimed) : [];
  const sent = claimed.filter((_, index) => outcomes[index]?.kind === 'sent');
  const sentAtMs = deps.clock.nowMs();
  if (sent.length > 0) await deps.ledger.markSent(sent, new Date(sentAtMs).toISOString());
  const refusals = claimed.flatMap((trigger, index) => toRefusal(trigger, outcomes[index]));
  if (refusals.length > 0) await putAside(refusals, deps);
  const slowestMs = Math.max(0, ...sent.filter(isPrompt).map((trigger) => sentAtMs - toReceivedAtMs(trigger)));
  return { sent: sent.length, skipped: messages.length - claimed.length, refused: refusals.length, slowestMs };
}

function isPrompt({ cause, heldFor = [] }: Trigger): boolean {
  return cause === 'live' && heldFor.length === 0;
}

function toReceivedAtMs({ inputs }: Trigger): number {
  return Math.max(...inputs.map(({ receivedAt }) => Date.parse(receivedAt)));
}

/** What an operator stopped goes back to the ledger as held; the others go on. */
async function holdPaused(messages: readonly DispatchMessage[], deps: DispatchDeps): Promise<DispatchMessage[]> {
  const pauseOf = await deps.pauses.current();
  const free: DispatchMessage[] = [];
  for (const message of messages) {
    const { trigger } = message;
    const ports = trigger.inputs.map(({ outputPort }) => outputPort.key);
    const pause = pauseOf({ stage: trigger.stage, ports, subscription: trigger.subscription });
    if (pause === undefined) free.push(message);
    else await deps.ledger.hold(trigger, [pause]);
  }
  return free;
}

async function claim(messages: readonly DispatchMessage[], deps: DispatchDeps): Promise<Trigger[]> {
  const requests = messages.map(({ trigger, etag }) => ({
    triggerId: trigger.triggerId,
    ...(etag !== undefined && { etag }),
  }));
  const claims = await deps.ledger.claim(requests, { nowMs: deps.clock.nowMs(), leaseMs: deps.leaseMs });
  return messages.filter((_, index) => claims[index]?.kind === 'claimed').map(({ trigger }) => trigger);
}

interface Refusal {
  readonly trigger: Trigger;
  readonly reason: string;
}

function toRefusal(trigger: Trigger, outcome: SendOutcome | undefined): Refusal[] {
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
    bodyBase64: Buffer.from(JSON.stringify(trigger)).toString('base64'),
    origin: {
      hub: 'ledger',
      partition: trigger.triggerId,
      sequenceNumber: reopenedAt === undefined ? '0' : String(Date.parse(reopenedAt)),
      offset: '0',
      enqueuedAt: trigger.decidedAt,
    },
    receivedAt: trigger.decidedAt,
    quarantinedAt: now,
    port: trigger.inputs[0]?.outputPort.key ?? '',
    stage: trigger.stage,
  };
}
