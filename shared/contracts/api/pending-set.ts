import { z } from 'zod';
import { Instant, Stage, SubscriptionKey } from '../keys.js';
import { InputSet, SetKey } from '../input-set.js';
import { Hold, SetRelease } from '../trigger.js';

/** An input of a set as it came. */
const PresentInput = z.object({ input: z.string(), eventId: z.string(), port: z.string(), watermark: z.string() });

/** What is there of a set of inputs, and what it waits for. */
export const PendingSet = z
  .object({
    stage: z.string(),
    subscription: z.string(),
    /** Start of its period, or its mark; with a partition when partitions are kept apart. */
    set: z.string(),
    /** The newest trigger it fired, and when. */
    triggerId: z.string().optional(),
    firedAt: z.string().optional(),
    /** It fired because an operator let it go. */
    released: SetRelease.optional(),
    /** When an operator last cleared it; what came in before does not count. */
    cleared: InputSet.shape.cleared,
    present: z.array(PresentInput),
    /** A smallest choice of inputs that would complete it, and who publishes them. */
    missing: z.array(z.object({ input: z.string(), port: z.string(), owner: z.string() })),
    /** Changes with every write of the set. */
    etag: z.string(),
  })
  .meta({ id: 'PendingSet' });
export type PendingSet = z.infer<typeof PendingSet>;

/** Which set of which subscription. */
export const SetPath = z.object({ subscription: SubscriptionKey, set: SetKey });
export type SetPath = z.infer<typeof SetPath>;

/** Clear a set, or let it go. */
export const SetRequest = z
  .object({
    reason: z.string().min(1).max(500),
    /** Say what would be done and do nothing. */
    dryRun: z.boolean().default(false),
  })
  .meta({ id: 'SetRequest' });
export type SetRequest = z.infer<typeof SetRequest>;

/** What became of a set. */
export const SetResult = z
  .object({
    result: z.enum(['cleared', 'released', 'would-clear', 'would-release']),
    stage: Stage,
    subscription: SubscriptionKey,
    set: SetKey,
    /** What was forgotten, or what the trigger is for. */
    inputs: z.array(PresentInput),
    /** Inputs that were missing when it was released. */
    missing: z.array(z.string()),
    trigger: z
      .object({
        triggerId: z.string(),
        consumer: z.string(),
        state: z.enum(['pending', 'held']),
        decidedAt: Instant,
        heldFor: z.array(Hold).optional(),
      })
      .optional(),
  })
  .meta({ id: 'SetResult' });
export type SetResult = z.infer<typeof SetResult>;
