import type { InputSet, SetMember } from '../../contracts/input-set.js';
import { limits } from '../../contracts/limits.js';
import type { Signal } from '../../contracts/signal.js';
import type { SetRelease } from '../../contracts/trigger.js';
import type { GateAnswer, Verdict, VerdictOutcome } from '../../contracts/verdict.js';
import type { CompiledSubscription } from '../compiled-registry.js';
import type { PortWish } from '../port-wish.js';
import type { Decision } from '../decision.js';
import { toSnapshotName } from '../identity.js';
import { toTriggerInput } from '../trigger.js';
import { toWatermarkTimeMs } from '../watermark.js';
import { advanceSet, emptySet, type SetAdvance } from './advance.js';
import { type SetPeriod, toFollowing, toSetPeriod } from './period.js';

/** A step on one stored set: what it becomes, and the decision to store with it. */
export interface SetStep {
  readonly set: InputSet;
  readonly decision: Decision;
}

/** A signal on its way to a set. `advance` is pure and may be called again on a set that changed in between. */
export interface SetArrival {
  readonly stage: string;
  readonly subscription: string;
  readonly set: string;
  /** Whose verdict stands if it was stored before. */
  readonly verdict: Verdict;
  readonly advance: (set: InputSet | undefined) => SetStep;
}

/** Makes the decision of a set that fires; `released` when an operator let go what it corrects. */
export type Finish = (verdict: Verdict, vector: readonly SetMember[], released?: SetRelease) => Decision;

/** The verdict so far, and how it becomes a decision when its set fires. */
interface Ending {
  readonly verdict: Verdict;
  readonly finish: Finish;
}

/** Where a seal counts: its own period, and the following ones its input may lag behind. */
export function toPeriods(signal: Signal, { subscription, input }: PortWish): SetPeriod[] {
  const own = toSetPeriod(subscription.align, signal, input.input.covers);
  if (own === undefined) return [];
  const lags = Array.from({ length: input.input.maxLagPeriods ?? 0 }, (_, index) => index + 1);
  return [own, ...lags.map((lag) => toFollowing(subscription.align, own, lag))];
}

/** Bring a seal that passed its gates to one set. `finish` makes the decision of a verdict that fires. */
export function toSetArrival(
  signal: Signal,
  wish: PortWish,
  { period, lag }: { period: SetPeriod; lag: number },
  { verdict, finish }: Ending,
): SetArrival {
  const { subscription, input } = wish;
  const member = toMember(signal, input.name, lag);
  return {
    stage: subscription.entry.stage,
    subscription: subscription.entry.key,
    set: period.key,
    verdict,
    advance(set) {
      const expired = findExpiry(signal, subscription, period);
      if (expired) return { set: set ?? emptySet, decision: toNo(verdict, expired) };
      const advance = advanceSet(set, member, { subscription, period, mostMembers: limits.inputsPerTrigger });
      return toStep(advance, { set, verdict, finish });
    },
  };
}

function toMember(signal: Signal, input: string, lag: number): SetMember {
  const timeMs = toWatermarkTimeMs(signal.watermark);
  return {
    input,
    lag,
    snapshot: toSnapshotName(signal),
    revision: signal.revision,
    ...(timeMs !== undefined && { timeMs }),
    part: toTriggerInput(signal),
  };
}

/** Counted at receipt, as freshness is: a slow queue changes no answer. */
function findExpiry(signal: Signal, { align }: CompiledSubscription, { endMs }: SetPeriod): GateAnswer | undefined {
  if (align.validForMinutes === undefined || endMs === undefined) return undefined;
  const lastMs = endMs + align.validForMinutes * 60_000;
  if (Date.parse(signal.receivedAt) <= lastMs) return undefined;
  const reason = `The set could complete until ${new Date(lastMs).toISOString()}; this came at ${signal.receivedAt}.`;
  return toSetAnswer('fail', 'set-expired', reason);
}

function toStep(advance: SetAdvance, context: Ending & { set: InputSet | undefined }): SetStep {
  const { set, verdict } = context;
  switch (advance.kind) {
    case 'fires': {
      const { released } = advance;
      const answer = released ? toReleasedAnswer(released) : toCompleteAnswer(advance.vector);
      const decision = context.finish(withAnswer(verdict, answer, 'matched'), advance.vector, released);
      return { set: toFired(advance.set, advance.vector, decision, released), decision };
    }
    case 'waits': {
      const answer = toSetAnswer('fail', 'inputs-missing', `Waits for ${advance.missing.join(', ')}.`, advance.missing);
      return { set: advance.set, decision: { verdict: withAnswer(verdict, answer, 'waiting') } };
    }
    case 'absorbed': {
      const answer = toSetAnswer('fail', advance.code, advance.reason);
      return { set: advance.set, decision: { verdict: withAnswer(verdict, answer, 'absorbed') } };
    }
    case 'refused':
      return {
        set: set ?? emptySet,
        decision: toNo(verdict, toSetAnswer('fail', advance.code, advance.reason)),
      };
    default:
      return advance satisfies never;
  }
}

/** The set as it is once a vector fired. */
export function toFired(
  set: InputSet,
  vector: readonly SetMember[],
  { verdict, trigger }: Decision,
  released: SetRelease | undefined,
): InputSet {
  const snapshots = vector.map(({ snapshot, revision }) => ({ snapshot, revision }));
  const fired = { triggerId: trigger?.triggerId ?? '', at: verdict.decidedAt, vector: snapshots };
  return { ...set, fired: { ...fired, ...(released && { released }) } };
}

function toCompleteAnswer(vector: readonly SetMember[]): GateAnswer {
  const reason = `All that is needed is there: ${vector.map(({ part }) => part.eventId).join(', ')}.`;
  return toSetAnswer('pass', 'set-complete', reason.slice(0, 2_000));
}

/** The answer of a set that did not complete and was let go. */
export function toReleasedAnswer({ at, by, reason, missing }: SetRelease): GateAnswer {
  const text = `${by} released the set at ${at}${toWithoutText(missing)}: ${reason}`;
  const answer = toSetAnswer('pass', 'set-released', text, missing);
  return { ...answer, facts: { ...answer.facts, releasedBy: by, releasedAt: at, because: reason } };
}

/** The inputs that a release did without, for people; empty when there were none. */
export function toWithoutText(missing: readonly string[]): string {
  return missing.length === 0 ? '' : ` without ${missing.join(', ')}`;
}

function toSetAnswer(
  answer: 'pass' | 'fail',
  code: string,
  reason: string,
  missing: readonly string[] = [],
): GateAnswer {
  return { gate: 'set', answer, code, reason, facts: { missing: [...missing] } };
}

function toNo(verdict: Verdict, answer: GateAnswer): Decision {
  return { verdict: withAnswer(verdict, answer, 'not-matched') };
}

function withAnswer(verdict: Verdict, answer: GateAnswer, outcome: VerdictOutcome): Verdict {
  return { ...verdict, outcome, gates: [...verdict.gates, answer] };
}
