import { z } from 'zod';

/** Where a port's circuit breaker stands. After the cool-down an open one is half-open: good snapshots count. */
export const BreakerState = z.object({
  state: z.enum(['closed', 'open']),
  failuresInRow: z.int().min(0),
  goodInRow: z.int().min(0),
  openedAt: z.string().optional(),
});
export type BreakerState = z.infer<typeof BreakerState>;

/** A breaking contract version that was announced. */
export const Shadow = z.object({ version: z.string(), eventId: z.string(), announcedAt: z.string() });
export type Shadow = z.infer<typeof Shadow>;

/** What is remembered of one port in one stage between signals. */
export const PortState = z.object({
  breaker: BreakerState,
  /** By major version. */
  shadows: z.record(z.string(), Shadow),
  /** Signals that were counted last, so that one that comes again is not counted twice. */
  counted: z.array(z.string()),
});
export type PortState = z.infer<typeof PortState>;
