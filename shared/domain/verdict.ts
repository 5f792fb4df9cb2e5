import type { Signal } from '../contracts/signal.js';
import type { GateAnswer, Verdict, VerdictOutcome } from '../contracts/verdict.js';
import type { PortWish } from './port-wish.js';
import { toVerdictId } from './identity.js';
import { toInstantText } from './instant.js';
import { remember } from './remember.js';

/** What a verdict says. */
export interface Finding {
  readonly outcome: VerdictOutcome;
  readonly gates: GateAnswer[];
  /** For a subscription with several inputs: the set, and how many periods before it the input lies. */
  readonly set?: { readonly key: string; readonly lag: number };
}

/** A batch is decided at one time. */
const toDecidedAt = remember(1_000, toInstantText);

/** The verdict of one subscription on one signal, with one id for the signal and one more for each later set it joins. */
export function toVerdict(
  signal: Signal,
  wish: PortWish,
  { outcome, gates, set }: Finding,
  decided: { registryVersion: string; nowMs: number },
): Verdict {
  const carried = set !== undefined && set.lag > 0;
  return {
    verdictId: toVerdictId(signal.signalId, wish.key, carried ? set.key : undefined),
    outcome,
    subscription: wish.key,
    consumer: wish.consumer,
    signalId: signal.signalId,
    eventId: signal.eventId,
    outputPortKey: signal.outputPortKey,
    outputPortVersion: signal.outputPortVersion,
    stage: signal.stage,
    subscriptionStage: wish.stage,
    ...(!wish.alone && { input: wish.input.name }),
    ...(set !== undefined && { set: set.key }),
    ...(carried && { lag: set.lag }),
    gates,
    registryVersion: decided.registryVersion,
    decidedAt: toDecidedAt(decided.nowMs),
  };
}
