import type { InputSet, SetMember } from '../../contracts/input-set.js';
import type { Signal } from '../../contracts/signal.js';
import type { SetRelease } from '../../contracts/trigger.js';
import type { Verdict } from '../../contracts/verdict.js';
import type { CompiledSubscription } from '../compiled-registry.js';
import type { Decision } from '../decision.js';
import { toFiring } from '../firing.js';
import type { HoldContext } from '../holds.js';
import { toReleaseVerdictId, toTriggerId } from '../identity.js';
import { toPresent, toRepresentatives } from './advance.js';
import { type SetStep, toFired, toReleasedAnswer } from './arrival.js';
import { findMissing } from './condition.js';
import { fromSetKey } from './period.js';

/** An operator's word on a set. */
export interface SetWord {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/**
 * Forget what came in of a set. What fired stays with its snapshots, to be corrected, so that it never fires anew; what
 * was retracted stays retracted. `forgotten` is empty when nothing waits in it.
 */
export function clearSet(set: InputSet, cleared: SetWord): { set: InputSet; forgotten: readonly SetMember[] } {
  const { fired } = set;
  const isFired = ({ snapshot }: SetMember): boolean =>
    fired?.vector.some((other) => other.snapshot === snapshot) ?? false;
  const forgotten = set.members.filter((member) => !isFired(member));
  return { set: { ...set, members: set.members.filter(isFired), cleared }, forgotten };
}

/** What would go if an operator let a set go now, and what it would go without. */
export interface Releasable {
  readonly vector: readonly SetMember[];
  /** The one that came last: its event is what the trigger follows from. */
  readonly last: SetMember;
  readonly missing: readonly string[];
}

/** What is there of a set; undefined when nothing is. An input that covers its period in part counts and is missing. */
export function findReleasable(
  { members }: InputSet,
  key: string,
  subscription: CompiledSubscription,
): Releasable | undefined {
  const asked = members.filter(({ input }) => subscription.inputs.has(input));
  const vector = toRepresentatives(asked, subscription);
  const last = vector.at(-1);
  if (last === undefined) return undefined;
  const present = toPresent(asked, { subscription, period: fromSetKey(subscription.align, key) });
  return { vector, last, missing: findMissing(subscription.condition, present) ?? [] };
}

/** A set to be let go: the signal that came last, the verdict it got, and who says so. */
interface Release {
  readonly signal: Signal;
  readonly verdict: Verdict;
  readonly released: SetRelease;
  readonly vector: readonly SetMember[];
}

/**
 * Let a set go with what is there. The trigger is that of its vector, as if it had completed; its verdict is one of its
 * own beside those of the inputs, with the gates as they were answered when the last one came.
 */
export function releaseSet(
  set: InputSet,
  { signal, verdict, released, vector }: Release,
  { subscription, holdContext }: { subscription: CompiledSubscription; holdContext: HoldContext },
): SetStep {
  const inputs = vector.map(({ part }) => part);
  const { key, stage } = subscription.entry;
  const release = toTriggerId(key, stage, inputs);
  const { replay: _other, firstEventId: _none, ...answered } = verdict;
  const own: Verdict = {
    ...answered,
    verdictId: toReleaseVerdictId(release),
    release,
    gates: [...verdict.gates.filter(({ gate }) => gate !== 'set'), toReleasedAnswer(released)],
    registryVersion: holdContext.registry.version,
    decidedAt: released.at,
  };
  const decision: Decision = toFiring({ signal, verdict: own, inputs, released }, subscription, holdContext);
  return { set: toFired(set, vector, decision, released), decision };
}
