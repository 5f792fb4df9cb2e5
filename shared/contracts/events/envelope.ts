import { z } from 'zod';
import { Cause } from '../cause.js';
import { limits } from '../limits.js';
import { DataProductKey, Identifier, Instant, OutputPortKey, SemanticVersion, Stage } from '../keys.js';

/** Who publishes. The claim is checked against the registry before the event counts. */
export const Producer = z.looseObject({
  dataProduct: DataProductKey,
  domain: z
    .string()
    .max(limits.keyLength)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be a lower-case domain name'),
});
export type Producer = z.infer<typeof Producer>;

/** Which versioned interface the event is about, in which stage. */
export const OutputPortRef = z.looseObject({ key: OutputPortKey, version: SemanticVersion, stage: Stage });
export type OutputPortRef = z.infer<typeof OutputPortRef>;

/** When something happened; years outside the limits are typing errors or a clock that was never set. */
export const EventTime = Instant.refine(
  (time) => {
    const year = toYear(time);
    return year >= limits.firstYear && year <= limits.lastYear;
  },
  { error: `must lie in the years ${limits.firstYear} to ${limits.lastYear}; check the producer's clock` },
);

/** In UTC. Where the time is in UTC already, no calendar has to be asked. */
function toYear(time: string): number {
  return time.endsWith('Z') ? Number(time.slice(0, 4)) : new Date(time).getUTCFullYear();
}

/** The members every readiness event carries. */
export const eventMembers = {
  eventId: Identifier,
  occurredAt: EventTime,
  correlationId: Identifier.optional(),
  /** Triggers that led here, one after the other; a job takes it from the trigger it ran for. Absent means 0. */
  chainDepth: z.int().min(0).max(10_000).optional(),
  /** The cause of the trigger that the job ran for; absent means live. */
  cause: Cause.optional(),
};

/** The members that name one snapshot; together with port and stage they are its identity. */
export const snapshotIdentityMembers = {
  /** ISO time up to which the data is complete, or an opaque batch mark. */
  watermark: Identifier,
  batchId: Identifier.optional(),
  partition: Identifier.optional(),
  /** A corrected snapshot carries a higher revision; absent means 0. */
  revision: z.int().min(0).optional(),
};
