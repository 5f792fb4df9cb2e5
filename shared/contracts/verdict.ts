import { z } from 'zod';

/** The questions a subscription asks of a signal. All are answered, also after the first no. */
export const gateNames = [
  'event-type',
  'stage',
  'active-from',
  'producer',
  'version',
  'schema-hash',
  'quality',
  'freshness',
] as const;

/** One gate's answer with the facts it used. */
export const GateAnswer = z.object({
  gate: z.enum(gateNames),
  answer: z.enum(['pass', 'fail', 'error']),
  /** Stable code for machines, e.g. `quality-below-minimum`. */
  code: z.string(),
  /** One sentence for people. */
  reason: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
});
export type GateAnswer = z.infer<typeof GateAnswer>;

/** `matched` fires; `not-matched` does not; `error` means a gate could not answer; `same-vector` fired before. */
export const VerdictOutcome = z.enum(['matched', 'not-matched', 'error', 'same-vector']);
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
  /** For `same-vector`: the event that fired this vector first. */
  firstEventId: z.string().optional(),
});
export type Verdict = z.infer<typeof Verdict>;
