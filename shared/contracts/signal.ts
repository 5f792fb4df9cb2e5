import { z } from 'zod';
import { Cause } from './cause.js';
import { QualityStatus } from './events/quality.js';
import { Origin } from './origin.js';

/** The canonical record a valid event about a port becomes; the row in Table Storage has the same members. */
export const Signal = z.object({
  /** Derived from producer and event id; the key of the row. */
  signalId: z.string(),
  eventType: z.enum([
    'OutputPortSnapshotSealed',
    'OutputPortQualityFailed',
    'OutputPortContractBreaking',
    'OutputPortSnapshotRetracted',
  ]),
  eventId: z.string(),
  occurredAt: z.string(),
  receivedAt: z.string(),
  producerDp: z.string(),
  domain: z.string(),
  outputPortKey: z.string(),
  outputPortVersion: z.string(),
  stage: z.string(),
  /** Absent for contract announcements, which are about no snapshot. */
  watermark: z.string().optional(),
  batchId: z.string().optional(),
  partition: z.string().optional(),
  revision: z.int(),
  schemaHash: z.string().optional(),
  qualityStatus: QualityStatus.optional(),
  qualityScore: z.number().optional(),
  ruleset: z.string().optional(),
  failedTests: z.array(z.string()).optional(),
  recordCount: z.int().optional(),
  chainDepth: z.int().optional(),
  /** Absent means live. */
  cause: Cause.optional(),
  correlationId: z.string(),
  traceparent: z.string(),
  /** sha256 over the canonical JSON of the event; tells a duplicate from a conflict. */
  contentHash: z.string(),
  /** The event as JSON with every extra member, for replay. */
  eventJson: z.string(),
  origin: Origin,
  registryVersion: z.string(),
});
export type Signal = z.infer<typeof Signal>;
