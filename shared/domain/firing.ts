import type { Signal } from '../contracts/signal.js';
import type { SetRelease, Trigger, TriggerInput } from '../contracts/trigger.js';
import type { Verdict } from '../contracts/verdict.js';
import type { CompiledSubscription } from './compiled-registry.js';
import type { Decision } from './decision.js';
import { findHolds, type HoldContext } from './holds.js';
import { toTrigger } from './trigger.js';

/** A verdict that fires: the signal it is about, the inputs of its vector, and whether an operator let it go. */
interface Firing {
  readonly signal: Signal;
  readonly verdict: Verdict;
  readonly inputs: readonly TriggerInput[];
  readonly released?: SetRelease | undefined;
}

/**
 * The decision of a verdict that fires: its trigger, held when anything holds it or its subscription regulates. The
 * verdict is handed over and completed in place: a copy that gains a member costs as much as three hashes.
 */
export function toFiring(
  { signal, verdict, inputs, released }: Firing,
  subscription: Pick<CompiledSubscription, 'regulated'>,
  holdContext: HoldContext,
): Decision {
  const trigger = toTrigger(signal, verdict, inputs);
  if (released) trigger.released = released;
  verdict.triggerId = trigger.triggerId;
  return fire(verdict, trigger, subscription, holdContext);
}

/** The same for a trigger that is made already, and handed over too. */
export function fire(
  verdict: Verdict,
  trigger: Trigger,
  { regulated }: Pick<CompiledSubscription, 'regulated'>,
  holdContext: HoldContext,
): Decision {
  const holds = findHolds(trigger, holdContext);
  const held = holds.length > 0;
  verdict.outcome = held ? 'held' : 'matched';
  if (held) trigger.heldFor = holds;
  return { verdict, trigger, initial: held || regulated ? 'held' : 'pending' };
}
