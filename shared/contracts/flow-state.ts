import { z } from 'zod';

/** What is remembered of one subscription's releases: enough to keep its rate. */
export const FlowState = z.object({
  /** When triggers were released within the throttle's period, oldest first. */
  releasedAt: z.array(z.string()),
});
export type FlowState = z.infer<typeof FlowState>;
