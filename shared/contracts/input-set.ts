import { z } from 'zod';
import { TriggerInput } from './trigger.js';

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
    })
    .optional(),
  /** Snapshots (with revision) that were taken back; they never count again. */
  retracted: z.array(SetMember.pick({ snapshot: true, revision: true })),
});
export type InputSet = z.infer<typeof InputSet>;
