import type { Signal } from '../contracts/signal.js';
import { type DecideContext, decide, type Decided } from './decide.js';
import type { Decision } from './decision.js';
import { toReplayTriggerId, toReplayVerdictId } from './identity.js';

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
  if (signal.eventType === 'OutputPortSnapshotRetracted') return [];
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
