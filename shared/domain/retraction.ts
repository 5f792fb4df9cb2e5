import type { Signal } from '../contracts/signal.js';
import type { Trigger } from '../contracts/trigger.js';
import type { GateAnswer } from '../contracts/verdict.js';
import type { PortWish } from './port-wish.js';
import type { Decision } from './decision.js';
import { toRevocationId, toSnapshotName, toVerdictId } from './identity.js';
import { type SetArrival, toPeriods } from './input-set/arrival.js';
import { retractFromSet } from './input-set/advance.js';
import { toVerdict } from './verdict.js';

/** What the ledger gave back of a retracted snapshot, for one subscription. */
export interface TakenBack {
  readonly withdrawn: readonly Trigger[];
  readonly sent: readonly Trigger[];
}

interface RetractionContext {
  readonly registryVersion: string;
  readonly nowMs: number;
}

export function isRetraction({ eventType }: Pick<Signal, 'eventType'>): boolean {
  return eventType === 'OutputPortSnapshotRetracted';
}

/** The snapshot a retraction is about. */
export function toRetractedSnapshot(signal: Signal): { name: string; revision: number } {
  return { name: toSnapshotName(signal), revision: signal.revision };
}

/**
 * Decide one subscription for a retraction: triggers that left are revoked with one message, whose id depends on the
 * snapshot alone, so that it goes out once however often the snapshot is retracted.
 */
export function decideRetraction(
  signal: Signal,
  wish: PortWish,
  taken: TakenBack,
  context: RetractionContext,
): Decision {
  const verdict = toVerdict(signal, wish, { outcome: 'retracted', gates: [toAnswer(taken)] }, context);
  const [first] = taken.sent;
  if (first === undefined) return { verdict };
  const triggerId = toRevocationId(verdict.subscription, first.stage, toRetractedSnapshot(signal));
  const { absorbed: _absorbed, heldFor: _heldFor, replay: _replay, ...like } = first;
  const trigger: Trigger = {
    ...like,
    kind: 'revocation',
    triggerId,
    // Of the retraction, whatever the triggers were sent for.
    cause: signal.cause ?? 'live',
    revokes: [...new Set(taken.sent.map((sent) => sent.triggerId))],
    inputs: [...new Map(taken.sent.flatMap(({ inputs }) => inputs).map((input) => [input.signalId, input])).values()],
    evidence: { verdictId: verdict.verdictId, registryVersion: verdict.registryVersion, gates: verdict.gates },
    correlationId: signal.correlationId,
    traceparent: signal.traceparent,
    decidedAt: verdict.decidedAt,
  };
  return { verdict: { ...verdict, triggerId }, trigger, initial: 'pending' };
}

/** Steps that take the snapshot out of the sets it counts for; the first carries the decision. */
export function toSetRetractions(signal: Signal, wish: PortWish, decision: Decision): SetArrival[] {
  const { name, revision } = toRetractedSnapshot(signal);
  const { entry } = wish.subscription;
  return toPeriods(signal, wish).map(({ key }, lag) => {
    const { triggerId: _only, ...rest } = decision.verdict;
    const verdictId = toVerdictId(signal.signalId, entry.key, key);
    const own: Decision = lag === 0 ? decision : { verdict: { ...rest, verdictId, set: key, lag } };
    return {
      stage: entry.stage,
      subscription: entry.key,
      set: key,
      verdict: own.verdict,
      advance: (set) => ({ set: retractFromSet(set, { snapshot: name, revision }), decision: own }),
    };
  });
}

function toAnswer({ withdrawn, sent }: TakenBack): GateAnswer {
  const facts = {
    withdrawn: withdrawn.map(({ triggerId }) => triggerId),
    revoked: sent.map(({ triggerId }) => triggerId),
  };
  if (withdrawn.length + sent.length === 0) {
    const reason = 'No trigger was for this snapshot; a later seal of this revision will not fire.';
    return { gate: 'retraction', answer: 'pass', code: 'nothing-to-revoke', reason, facts };
  }
  const reason = `${sent.length} triggers that left are revoked, ${withdrawn.length} that waited are withdrawn.`;
  return { gate: 'retraction', answer: 'pass', code: 'triggers-revoked', reason, facts };
}
