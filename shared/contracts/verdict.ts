import { z } from 'zod';

/** The questions a subscription asks of every signal. All are answered, also after the first no. */
export const askedGates = [
  'event-type',
  'stage',
  'active-from',
  'producer',
  'version',
  'schema-hash',
  'quality',
  'freshness',
  'chain-depth',
  'cause',
  'circuit-breaker',
  'entitlement',
] as const;

/** Every gate of a verdict: `retraction` and `set` are answered where their rows are. */
export const gateNames = [...askedGates, 'retraction', 'set'] as const;

/** One gate's answer with the facts it used. */
export const GateAnswer = z.object({
  gate: z.enum(gateNames),
  answer: z.enum(['pass', 'fail', 'error']),
  /** A no that may turn into a yes by itself: the trigger is made and waits. */
  holds: z.boolean().optional(),
  /** Stable code for machines, e.g. `quality-below-minimum`. */
  code: z.string(),
  /** One sentence for people. */
  reason: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
});
export type GateAnswer = z.infer<typeof GateAnswer>;

/**
 * `matched` fires. `held` fires when what holds it is gone. `waiting`: part of a set that misses other inputs.
 * `absorbed`: its set fired without it. `shadow` would have fired, had its announced version been in range.
 * `same-vector` fired before. `retracted` took back triggers of a withdrawn snapshot. `error`: a gate could not answer.
 */
export const VerdictOutcome = z.enum([
  'matched',
  'held',
  'waiting',
  'absorbed',
  'shadow',
  'not-matched',
  'same-vector',
  'retracted',
  'error',
]);
export type VerdictOutcome = z.infer<typeof VerdictOutcome>;

/** The recorded outcome of evaluating one subscription for one signal. The first stored one stands. */
export const Verdict = z.object({
  verdictId: z.string(),
  outcome: VerdictOutcome,
  subscription: z.string(),
  consumer: z.string(),
  signalId: z.string(),
  eventId: z.string(),
  outputPortKey: z.string(),
  outputPortVersion: z.string(),
  stage: z.string(),
  /** The subscription's stage: where the verdict is kept. Differs from `stage` only when the stage gate said no. */
  subscriptionStage: z.string(),
  gates: z.array(GateAnswer),
  registryVersion: z.string(),
  decidedAt: z.string(),
  triggerId: z.string().optional(),
  /** For a subscription with several inputs: which of them this is, and the set it belongs to. */
  input: z.string().optional(),
  set: z.string().optional(),
  /** Periods the input lies behind that set. */
  lag: z.int().min(1).optional(),
  /** For `same-vector`: the event that fired this vector first. */
  firstEventId: z.string().optional(),
  /** The trigger an operator released a set as; absent when the rules decided. */
  release: z.string().optional(),
  /** The replay that decided again; absent for the live verdict. */
  replay: z.string().optional(),
});
export type Verdict = z.infer<typeof Verdict>;
