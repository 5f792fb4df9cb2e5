import { z } from 'zod';

/** What is there of a set of inputs, and what it waits for. */
export const PendingSet = z
  .object({
    stage: z.string(),
    subscription: z.string(),
    /** Start of its period, or its mark; with a partition when partitions are kept apart. */
    set: z.string(),
    /** The newest trigger it fired. */
    triggerId: z.string().optional(),
    present: z.array(z.object({ input: z.string(), eventId: z.string(), port: z.string(), watermark: z.string() })),
    /** A smallest choice of inputs that would complete it, and who publishes them. */
    missing: z.array(z.object({ input: z.string(), port: z.string(), owner: z.string() })),
  })
  .meta({ id: 'PendingSet' });
export type PendingSet = z.infer<typeof PendingSet>;
