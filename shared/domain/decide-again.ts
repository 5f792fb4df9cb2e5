import type { Signal } from '../contracts/signal.js';
import type { Trigger } from '../contracts/trigger.js';
import type { Verdict } from '../contracts/verdict.js';
import { type DecideContext, decide, type Decided } from './decide.js';
import type { Decision } from './decision.js';
import { fire } from './firing.js';
import { toReplayTriggerId, toReplayVerdictId } from './identity.js';
import { isRetraction } from './retraction.js';
import { toTriggerInput } from './trigger.js';

/** A deliberate second decision. */
export interface ReplayMark {
  readonly name: string;
  readonly reason: string;
  /** New trigger ids, so that what fired before fires again. */
  readonly force: boolean;
  /** Only this subscription; absent means all of the port. */
  readonly subscription?: string;
}

/**
 * Decide a stored signal again, with what is in force now, as verdicts of their own that name the replay. Without
 * `force` a trigger keeps the id of its vector, so the ledger lets nothing fire twice. A retraction decides nothing: it is
 * applied again as it is.
 */
export function decideAgain(signal: Signal, context: DecideContext, mark: ReplayMark): Decided[] {
  if (isRetraction(signal)) return [];
  return decide(signal, context)
    .filter((decided) => mark.subscription === undefined || toSubscription(decided) === mark.subscription)
    .map((decided) => toMarked(decided, mark));
}

function toSubscription(decided: Decided): string {
  return decided.kind === 'alone' ? decided.decision.verdict.subscription : decided.arrival.subscription;
}

function toMarked(decided: Decided, mark: ReplayMark): Decided {
  if (decided.kind === 'alone') return { kind: 'alone', decision: markDecision(decided.decision, mark) };
  const { arrival } = decided;
  const marked = {
    ...arrival,
    verdict: markDecision(arrival, mark).verdict,
    advance: (set: Parameters<typeof arrival.advance>[0]) => {
      const step = arrival.advance(set);
      return { ...step, decision: markDecision(step.decision, mark) };
    },
  };
  return { kind: 'joins', arrival: marked };
}

/** The decision as the replay's own. */
export function markDecision({ verdict, trigger, initial }: Decision, mark: ReplayMark): Decision {
  const { name, reason, force } = mark;
  const marked = { ...verdict, verdictId: toReplayVerdictId(verdict.verdictId, name), replay: name };
  if (trigger === undefined) return { verdict: marked };
  const triggerId = force ? toReplayTriggerId(trigger.triggerId, name) : trigger.triggerId;
  return {
    verdict: { ...marked, triggerId },
    trigger: {
      ...trigger,
      triggerId,
      cause: 'replay',
      replay: { name, reason },
      evidence: { ...trigger.evidence, verdictId: marked.verdictId },
    },
    ...(initial !== undefined && { initial }),
  };
}

/**
 * The decision to fire once more what a verdict fired, for the snapshot its signal announced; undefined when nobody is
 * subscribed any more. The gates' answers and their registry version are those of then, the holds those of now.
 */
export function decideRepetition(
  signal: Signal,
  { verdict, trigger }: { verdict: Verdict; trigger: Trigger },
  context: DecideContext,
): Decision | undefined {
  const subscription = context.registry.subscriptions.get(verdict.subscription);
  if (subscription?.entry.stage !== verdict.subscriptionStage) return undefined;
  const { firstEventId: _first, ...fired } = verdict;
  const { heldFor: _over, absorbed: _others, ...like } = trigger;
  const inputs = verdict.set === undefined ? [toTriggerInput(signal)] : trigger.inputs;
  const decidedAt = new Date(context.nowMs).toISOString();
  const evidence = { ...trigger.evidence, registryVersion: verdict.registryVersion, gates: verdict.gates };
  const again = { ...like, inputs, evidence, decidedAt };
  return fire({ ...fired, decidedAt }, again, subscription, context);
}
