import type { InputSet, SetMember } from '../../contracts/input-set.js';
import type { SetRelease } from '../../contracts/trigger.js';
import type { CompiledSubscription } from '../compiled-registry.js';
import { findMissing, holds } from './condition.js';
import { findGaps, type Interval } from './coverage.js';
import { type SetPeriod, toInterval } from './period.js';

/** What a seal did to its set. */
export type SetAdvance =
  /** The set is complete, or corrects what an operator released; `vector` is what fires. */
  | {
      readonly kind: 'fires';
      readonly set: InputSet;
      readonly vector: readonly SetMember[];
      readonly released?: SetRelease;
    }
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

/** The subscription and the period a set belongs to. */
export interface SetContext {
  readonly subscription: CompiledSubscription;
  readonly period: SetPeriod;
  readonly mostMembers: number;
}

type SnapshotRevision = Pick<SetMember, 'snapshot' | 'revision'>;

/** A set that nothing has come to. */
export const emptySet: InputSet = { members: [], retracted: [] };

/**
 * Bring a seal to its set. Pure: the same arrivals in the same order give the same set.
 *
 * S1 A set fires once, when its condition first holds; again only when a snapshot of the vector that fired comes with a
 *    higher revision, or after one of them was retracted.
 * S2 Of several snapshots of an input the one that lies less far behind represents it, then the newer; an input that
 *    must cover the period is represented by all of its snapshots. Of a snapshot the highest revision counts.
 * S3 A retracted snapshot never counts, whether the retraction came before or after it.
 * S4 What an operator released is corrected as it was released: without the inputs that were missing then.
 */
export function advanceSet(set: InputSet | undefined, member: SetMember, context: SetContext): SetAdvance {
  const before = set ?? emptySet;
  if (before.retracted.some((gone) => isSame(gone, member) && gone.revision === member.revision)) {
    return { kind: 'refused', code: 'snapshot-retracted', reason: 'This snapshot was retracted.' };
  }
  const rival = findRival(before, member, context.subscription);
  if (rival) {
    const reason = `${rival.part.eventId} stands for input ${member.input} already and is not older.`;
    return { kind: 'absorbed', code: 'superseded', reason, set: before };
  }
  const after = {
    ...before,
    members: [...before.members.filter((other) => !isReplaced(other, member, before, context)), member],
  };
  if (after.members.length > context.mostMembers) {
    const reason = `A set holds at most ${context.mostMembers} snapshots.`;
    return { kind: 'refused', code: 'set-too-large', reason };
  }
  const { fired } = before;
  if (fired === undefined) return complete(after, after.members, context);
  const vector = after.members.filter((other) => fired.vector.some((old) => isSame(old, other)));
  if (vector.includes(member) && fired.released) {
    const { released } = fired;
    return { kind: 'fires', set: after, vector: toRepresentatives(vector, context.subscription), released };
  }
  if (vector.includes(member)) return complete(after, vector, context);
  return { kind: 'absorbed', code: 'set-fired', reason: `The set fired at ${fired.at} without it.`, set: after };
}

/**
 * Take a snapshot back: it leaves the set and cannot come again with this revision. If the set fired with it, it counts
 * as not fired; the next arrival may complete it anew.
 */
export function retractFromSet(set: InputSet | undefined, gone: SnapshotRevision): InputSet {
  const before = set ?? emptySet;
  const isGone = (other: SnapshotRevision): boolean => isSame(other, gone) && other.revision === gone.revision;
  const members = before.members.filter((member) => !isGone(member));
  const retracted = before.retracted.some(isGone) ? before.retracted : [...before.retracted, gone];
  const { fired } = before;
  const { fired: _maybe, ...rest } = before;
  return { ...rest, members, retracted, ...(fired && !fired.vector.some(isGone) && { fired }) };
}

/** The inputs that are there in full. */
export function toPresent(
  members: readonly SetMember[],
  context: Omit<SetContext, 'mostMembers'>,
): ReadonlySet<string> {
  const names = new Set(members.map(({ input }) => input));
  return new Set([...names].filter((name) => findInputGaps(members, name, context).length === 0));
}

/** The parts of its period that a covering input misses; none for one that need not cover it. */
export function findInputGaps(
  members: readonly SetMember[],
  name: string,
  { subscription, period }: Omit<SetContext, 'mostMembers'>,
): Interval[] {
  const coverage = subscription.inputs.get(name)?.input.covers;
  const { startMs, endMs } = period;
  if (coverage === undefined || startMs === undefined || endMs === undefined) return [];
  const intervals = members.flatMap(({ input, timeMs }) =>
    input === name && timeMs !== undefined ? [toInterval(timeMs, subscription.align, coverage)] : [],
  );
  return findGaps({ startMs, endMs }, intervals);
}

/** Fire with what represents each input, if the condition holds. */
function complete(set: InputSet, members: readonly SetMember[], context: SetContext): SetAdvance {
  const { subscription } = context;
  const present = toPresent(members, context);
  if (!holds(subscription.condition, present)) {
    return { kind: 'waits', set, missing: findMissing(subscription.condition, present) ?? [] };
  }
  const counting = members.filter(({ input }) => present.has(input));
  return { kind: 'fires', set, vector: toRepresentatives(counting, subscription) };
}

/** What stands for each input: its best snapshot, or all of them where they cover the period together. */
export function toRepresentatives(members: readonly SetMember[], subscription: CompiledSubscription): SetMember[] {
  return members.filter(
    (member) =>
      isCovering(subscription, member.input) ||
      !members.some((other) => other.input === member.input && isBetter(other, member)),
  );
}

/** The member that makes a new one unnecessary. */
function findRival(set: InputSet, member: SetMember, subscription: CompiledSubscription): SetMember | undefined {
  const same = set.members.find((other) => other.input === member.input && isSame(other, member));
  if (same) return same.revision >= member.revision ? same : undefined;
  if (set.fired !== undefined || isCovering(subscription, member.input)) return undefined;
  return set.members.find((other) => other.input === member.input && !isBetter(member, other));
}

/** What fired stays, to be corrected; what waits behind it gives way to what is better. */
function isReplaced(other: SetMember, member: SetMember, set: InputSet, { subscription }: SetContext): boolean {
  if (other.input !== member.input) return false;
  if (isSame(other, member)) return true;
  if (isCovering(subscription, member.input)) return false;
  return !set.fired?.vector.some((old) => isSame(old, other)) && isBetter(member, other);
}

function isCovering(subscription: CompiledSubscription, input: string): boolean {
  return subscription.inputs.get(input)?.input.covers !== undefined;
}

function isSame(a: { snapshot: string }, b: { snapshot: string }): boolean {
  return a.snapshot === b.snapshot;
}

function isBetter(a: SetMember, b: SetMember): boolean {
  return a.lag === b.lag ? (a.timeMs ?? 0) > (b.timeMs ?? 0) : a.lag < b.lag;
}
