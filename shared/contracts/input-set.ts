import { z } from 'zod';
import { Identifier, Instant } from './keys.js';
import { SetRelease, TriggerInput } from './trigger.js';

/** Key of a set: the start of its period or its mark, and a partition where partitions are kept apart. */
export const SetKey = z
  .string()
  .regex(/^[A-Za-z0-9:.~-]+$/, 'must be a set as listed, such as 2026-03-10T00:00:00.000Z')
  .max(100)
  .meta({ id: 'SetKey', examples: ['2026-03-10T00:00:00.000Z'] });

/** One snapshot in a set. */
export const SetMember = z.object({
  /** Name of the input it stands for. */
  input: z.string(),
  /** Periods it lies behind the set. */
  lag: z.int().min(0),
  /** Names the snapshot without its revision. */
  snapshot: z.string(),
  revision: z.int().min(0),
  /** Time of its watermark; absent for an opaque mark. */
  timeMs: z.number().optional(),
  part: TriggerInput,
});
export type SetMember = z.infer<typeof SetMember>;

/** What came in so far for one set of inputs of one subscription, and whether the set fired. */
export const InputSet = z.object({
  members: z.array(SetMember),
  /** The newest firing; `vector` names its snapshots and their revisions. */
  fired: z
    .object({
      triggerId: z.string(),
      at: z.string(),
      vector: z.array(SetMember.pick({ snapshot: true, revision: true })),
      /** It did not complete: an operator let it go. */
      released: SetRelease.optional(),
    })
    .optional(),
  /** The newest clearing, by an operator: what came in before it does not count any more. */
  cleared: z.object({ at: Instant, by: Identifier, reason: z.string() }).optional(),
  /** Snapshots (with revision) that were taken back; they never count again. */
  retracted: z.array(SetMember.pick({ snapshot: true, revision: true })),
});
export type InputSet = z.infer<typeof InputSet>;
