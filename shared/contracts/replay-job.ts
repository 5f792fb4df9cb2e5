import { z } from 'zod';
import { Identifier, Instant, OutputPortKey, Stage, SubscriptionKey } from './keys.js';
import { QuarantineReason } from './problem.js';

/** Name of a replay; part of keys and trigger ids. */
export const ReplayName = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single dashes')
  .max(63)
  .meta({ id: 'ReplayName', examples: ['orders-after-fix'] });
export type ReplayName = z.infer<typeof ReplayName>;

const watermarkRange = { fromWatermark: Instant.optional(), toWatermark: Instant.optional() };

/** What to replay. Watermark bounds are inclusive. */
export const ReplaySelection = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('signal'), eventId: Identifier }),
    z.object({ kind: z.literal('port'), port: OutputPortKey, stage: Stage, ...watermarkRange }),
    z.object({ kind: z.literal('subscription'), subscription: SubscriptionKey, ...watermarkRange }),
    z.object({
      kind: z.literal('quarantine'),
      reason: QuarantineReason.optional(),
      producer: z.string().optional(),
      port: z.string().optional(),
      from: Instant.optional(),
      to: Instant.optional(),
    }),
  ])
  .meta({ id: 'ReplaySelection' });
export type ReplaySelection = z.infer<typeof ReplaySelection>;

/**
 * How far a replay got: signals looked at, and what became of their decisions. What a runner recorded after its lease
 * had run out is in the ledger and not counted here.
 */
export const ReplayCounts = z.object({
  done: z.int().min(0),
  fired: z.int().min(0),
  firedBefore: z.int().min(0),
  notMatched: z.int().min(0),
  resubmitted: z.int().min(0),
  /** Retractions applied again, one per subscription, and those that sent a revocation that was not sent before. */
  retracted: z.int().min(0).default(0),
  revoked: z.int().min(0).default(0),
});
export type ReplayCounts = z.infer<typeof ReplayCounts>;

/** Signals a second that a replay may be told to take at most. */
export const ReplayRate = z.number().min(0.1).max(10_000);

/** A named replay with its progress. */
export const ReplayJob = z
  .object({
    name: ReplayName,
    selection: ReplaySelection,
    /** New trigger ids, so that what fired before fires again. */
    force: z.boolean(),
    reason: z.string(),
    actor: z.string(),
    /** Most signals a second. */
    ratePerSecond: ReplayRate,
    state: z.enum(['running', 'cancelled', 'done', 'failed']),
    total: z.int().min(0),
    counts: ReplayCounts,
    /** Where to go on. */
    position: z.string().optional(),
    createdAt: Instant,
    updatedAt: Instant,
    /** Nobody else goes on with the replay before this. */
    leaseUntil: Instant.optional(),
    failure: z.string().optional(),
  })
  .meta({ id: 'ReplayJob' });
export type ReplayJob = z.infer<typeof ReplayJob>;
