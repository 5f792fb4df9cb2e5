import { z } from 'zod';

/** Where in the hub an event was read; unique per delivery by a producer, the same for every redelivery. */
export const Origin = z.object({
  hub: z.string(),
  partition: z.string(),
  /** Decimal digits; a string because it may exceed 2^53. */
  sequenceNumber: z.string(),
  offset: z.string(),
  enqueuedAt: z.iso.datetime(),
});
export type Origin = z.infer<typeof Origin>;

/** Whether both name the same delivery. A hub made anew counts from zero again, so the enqueue time is part of it. */
export function isSameOrigin(a: Origin, b: Origin): boolean {
  return (
    a.hub === b.hub &&
    a.partition === b.partition &&
    a.sequenceNumber === b.sequenceNumber &&
    a.enqueuedAt === b.enqueuedAt
  );
}
