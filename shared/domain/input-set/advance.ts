import type { InputSet, SetMember } from '../../contracts/input-set.js';
import type { CompiledSubscription } from '../compiled-registry.js';
import { findMissing, holds } from './condition.js';
import { findGaps, type Interval } from './coverage.js';
import { type SetPeriod, toInterval } from './period.js';

/** What a seal did to its set. */
export type SetAdvance =
  /** The set is complete; `vector` is what fires. */
  | { readonly kind: 'fires'; readonly set: InputSet; readonly vector: readonly SetMember[] }
  /** Inputs are missing still. */
  | { readonly kind: 'waits'; readonly set: InputSet; readonly missing: readonly string[] }
  /** It changes nothing: the set fired already, or holds something newer. */
  | {
      readonly kind: 'absorbed';
      readonly code: 'set-fired' | 'superseded';
      readonly reason: string;
      readonly set: InputSet;
    }
  /** It cannot count. */
  | { readonly kind: 'refused'; readonly code: 'snapshot-retracted' | 'set-too-large'; readonly reason: string };

export const emptySet: InputSet = { members: [], retracted: [] };

/**
 * Bring a seal to its set. Pure: the same arrivals in the same order give the same set.
 *
 * S1 A set fires once, when its condition first holds; again only when a snapshot of the vector that fired comes with a
 *    higher revision.
 * S2 Of several snapshots of an input the one that lies less far behind represents it, then the newer, then the one
 *    with the higher revision; an input that must cover the period is represented by all of its snapshots.
 * S3 A retracted snapshot never counts, whether the retraction came before or after it.
 */
export function advanceSet(
  set: InputSet | undefined,
  member: SetMember,
  context: { subscription: CompiledSubscription; period: SetPeriod; mostMembers: number },
): SetAdvance {
  const before = set ?? emptySet;
  if (before.retracted.some((gone) => isSame(gone, member) && gone.revision === member.revision)) {
    return { kind: 'refused', code: 'snapshot-retracted', reason: 'This snapshot was retracted.' };
  }
  const covers = isCoverage(context.subscription, member.input);
  const rival = before.members.find((other) => other.input === member.input && (!covers || isSame(other, member)));
  if (rival && !isBetter(member, rival)) {
    const reason = `${rival.part.eventId} stands for input ${member.input} already and is not older.`;
    return { kind: 'absorbed', code: 'superseded', reason, set: before };
  }
  const members = [...before.members.filter((other) => other !== rival), member];
  if (members.length > context.mostMembers) {
    const reason = `A set holds at most ${context.mostMembers} snapshots.`;
    return { kind: 'refused', code: 'set-too-large', reason };
  }
  const after = { ...before, members };
  if (before.fired && !isCorrection(before.fired.vector, member)) {
    return {
      kind: 'absorbed',
      code: 'set-fired',
      reason: `The set fired at ${before.fired.at} without it.`,
      set: after,
    };
  }
  return complete(after, context);
}

/** Take a snapshot back: it leaves the set and cannot come again with this revision. */
export function retractFromSet(set: InputSet | undefined, gone: { snapshot: string; revision: number }): InputSet {
  const before = set ?? emptySet;
  const isGone = (other: { snapshot: string; revision: number }): boolean =>
    isSame(other, gone) && other.revision === gone.revision;
  const members = before.members.filter((member) => !isGone(member));
  return {
    ...before,
    members,
    retracted: before.retracted.some(isGone) ? before.retracted : [...before.retracted, gone],
  };
}

/** The inputs a set holds in full. */
export function toPresent(set: InputSet, subscription: CompiledSubscription, period: SetPeriod): ReadonlySet<string> {
  const names = new Set(set.members.map(({ input }) => input));
  return new Set([...names].filter((name) => findInputGaps(set, name, { subscription, period }).length === 0));
}

/** The parts of its period that a covering input misses; none for one that need not cover it. */
export function findInputGaps(
  set: InputSet,
  name: string,
  { subscription, period }: { subscription: CompiledSubscription; period: SetPeriod },
): Interval[] {
  const coverage = subscription.inputs.get(name)?.input.covers;
  const { startMs, endMs } = period;
  if (coverage === undefined || startMs === undefined || endMs === undefined) return [];
  const intervals = set.members.flatMap(({ input, timeMs }) =>
    input === name && timeMs !== undefined ? [toInterval(timeMs, subscription.align, coverage)] : [],
  );
  return findGaps({ startMs, endMs }, intervals);
}

function complete(
  set: InputSet,
  { subscription, period }: { subscription: CompiledSubscription; period: SetPeriod },
): SetAdvance {
  const present = toPresent(set, subscription, period);
  if (!holds(subscription.condition, present)) {
    return { kind: 'waits', set, missing: findMissing(subscription.condition, present) ?? [] };
  }
  return { kind: 'fires', set, vector: set.members.filter(({ input }) => present.has(input)) };
}

function isCoverage(subscription: CompiledSubscription, input: string): boolean {
  return subscription.inputs.get(input)?.input.covers !== undefined;
}

function isSame(a: { snapshot: string }, b: { snapshot: string }): boolean {
  return a.snapshot === b.snapshot;
}

function isBetter(a: SetMember, b: SetMember): boolean {
  if (a.lag !== b.lag) return a.lag < b.lag;
  if (!isSame(a, b)) return (a.timeMs ?? 0) > (b.timeMs ?? 0);
  return a.revision > b.revision;
}

function isCorrection(vector: readonly { snapshot: string; revision: number }[], member: SetMember): boolean {
  return vector.some((fired) => isSame(fired, member) && fired.revision < member.revision);
}
