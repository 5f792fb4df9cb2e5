import { z } from 'zod';

const count = z.int().min(0);
const ms = z.number().min(0);

/** Every stage says of its batch how many messages were handled, put back for a later attempt, and parked. */
const batch = { handled: count, putBack: count, parked: count };

/**
 * The lines the functions log, one JSON object each; alerts and workbook (`infra/queries`) read these names. Members
 * that tell of work done are absent when none of the batch could be worked on.
 */
export const LogRecord = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('ingested'), passedOn: count, quarantined: count }),
  z.strictObject({
    event: z.literal('normalize'),
    ...batch,
    stored: count.optional(),
    duplicates: count.optional(),
    quarantined: count.optional(),
    receipts: count.optional(),
  }),
  z.strictObject({
    event: z.literal('evaluate'),
    ...batch,
    verdicts: count.optional(),
    matched: count.optional(),
    held: count.optional(),
    waiting: count.optional(),
    absorbed: count.optional(),
    shadow: count.optional(),
    notMatched: count.optional(),
    sameVector: count.optional(),
    retracted: count.optional(),
    errors: count.optional(),
  }),
  z.strictObject({
    event: z.literal('dispatch'),
    ...batch,
    sent: count.optional(),
    skipped: count.optional(),
    refused: count.optional(),
    slowestMs: ms.optional(),
  }),
  z.strictObject({
    event: z.literal('fault'),
    stage: z.enum(['normalize', 'evaluate', 'dispatch']),
    fault: z.string(),
  }),
  z.strictObject({ event: z.literal('replayed'), advanced: count }),
  z.strictObject({ event: z.literal('api-fault'), route: z.string(), fault: z.string() }),
  /** Written by every run of the sweep, also when nothing waits: the sign that the functions run. */
  z.strictObject({ event: z.literal('swept'), handedOn: count, released: count, waiting: count, oldestPendingMs: ms }),
]);
export type LogRecord = z.infer<typeof LogRecord>;
