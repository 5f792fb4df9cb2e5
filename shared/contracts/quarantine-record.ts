import { z } from 'zod';
import { Origin } from './origin.js';
import { Problem, QuarantineReason } from './problem.js';

/** An event that cannot become a signal, with its bytes and everything wrong with it. */
export const QuarantineRecord = z.object({
  reason: QuarantineReason,
  problems: z.array(Problem),
  /** The original body, base64. */
  bodyBase64: z.string(),
  origin: Origin,
  receivedAt: z.iso.datetime(),
  quarantinedAt: z.iso.datetime(),
  /** What could be read of the event, for finding it again. */
  eventId: z.string().optional(),
  eventType: z.string().optional(),
  producer: z.string().optional(),
  port: z.string().optional(),
  stage: z.string().optional(),
});
export type QuarantineRecord = z.infer<typeof QuarantineRecord>;
