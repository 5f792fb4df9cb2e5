import { z } from 'zod';
import { QuarantineRecord } from './quarantine-record.js';

/** What people did with a quarantined record. */
export const Resolution = z.object({
  state: z.enum(['resubmitted', 'discarded']),
  at: z.iso.datetime(),
  actor: z.string(),
  reason: z.string(),
  /** The id under which the event was published again. */
  eventId: z.string().optional(),
});
export type Resolution = z.infer<typeof Resolution>;

/** Id of a quarantined record: its day, its time newest first, and a hash of where it was read and why it waits. */
export const QuarantineId = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}\.\d{14}\.[0-9a-f]{32}$/, 'must be the id of a quarantined record, as listed')
  .meta({ id: 'QuarantineId' });
export type QuarantineId = z.infer<typeof QuarantineId>;

/** A quarantined record as people work on it, without its bytes. */
export const QuarantineSummary = QuarantineRecord.omit({ bodyBase64: true })
  .extend({
    id: QuarantineId,
    state: z.enum(['open', 'resubmitted', 'discarded']),
    resolution: Resolution.optional(),
    etag: z.string(),
  })
  .meta({ id: 'QuarantineSummary' });
export type QuarantineSummary = z.infer<typeof QuarantineSummary>;

/** A quarantined record with its bytes. */
export const QuarantineItem = QuarantineSummary.extend({ bodyBase64: z.string() }).meta({ id: 'QuarantineItem' });
export type QuarantineItem = z.infer<typeof QuarantineItem>;
