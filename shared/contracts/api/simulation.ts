import { z } from 'zod';
import { QualityStatus } from '../events/quality.js';
import { DataProductKey, Identifier, Instant, OutputPortKey, SchemaHash, SemanticVersion, Stage } from '../keys.js';
import { Problem, QuarantineReason } from '../problem.js';
import { Hold } from '../trigger.js';
import { GateAnswer, VerdictOutcome } from '../verdict.js';
import { Remedy } from './explanation.js';

/** What one subscription would say to an event, with no effect. */
export const SimulatedVerdict = z
  .object({
    subscription: z.string(),
    consumer: z.string(),
    outcome: VerdictOutcome,
    /**
     * What would follow: a new trigger, one that is held, a message that takes back triggers that left, triggers that
     * never leave, or nothing new.
     */
    effect: z.enum(['fires', 'held', 'revokes', 'withdraws', 'none']),
    gates: z.array(GateAnswer),
    /** The trigger's id, also when it fired before. */
    triggerId: z.string().optional(),
    firstEventId: z.string().optional(),
    /** Of a retraction: triggers that left and would be taken back, by message `triggerId`. */
    revokes: z.array(z.string()).optional(),
    /** Of a retraction: triggers that have not left, and never would. */
    withdraws: z.array(z.string()).optional(),
    /** Why it would wait. */
    heldFor: z.array(Hold).optional(),
    remedies: z.array(Remedy),
  })
  .meta({ id: 'SimulatedVerdict' });
export type SimulatedVerdict = z.infer<typeof SimulatedVerdict>;

/** Where an event would end and what every affected subscription would say. */
export const Simulation = z
  .object({
    outcome: z.enum(['signal', 'duplicate', 'quarantined', 'receipt']),
    /** For `quarantined`. */
    reason: QuarantineReason.optional(),
    problems: z.array(Problem),
    signalId: z.string().optional(),
    registryVersion: z.string().optional(),
    verdicts: z.array(SimulatedVerdict),
  })
  .meta({ id: 'Simulation' });
export type Simulation = z.infer<typeof Simulation>;

/** A fact about a port in canonical columns, as a signal has them. */
export const NormalizedEvent = z
  .object({
    eventType: z
      .enum([
        'OutputPortSnapshotSealed',
        'OutputPortQualityFailed',
        'OutputPortContractBreaking',
        'OutputPortSnapshotRetracted',
      ])
      .default('OutputPortSnapshotSealed'),
    eventId: Identifier,
    occurredAt: Instant,
    /** Absent means now. */
    receivedAt: Instant.optional(),
    producerDp: DataProductKey,
    outputPortKey: OutputPortKey,
    outputPortVersion: SemanticVersion,
    stage: Stage,
    watermark: Identifier,
    batchId: Identifier.optional(),
    partition: Identifier.optional(),
    revision: z.int().min(0).default(0),
    schemaHash: SchemaHash,
    qualityStatus: QualityStatus,
    qualityScore: z.number().min(0).max(1).optional(),
    ruleset: Identifier,
    recordCount: z.int().min(0).optional(),
    correlationId: Identifier.optional(),
  })
  .meta({ id: 'NormalizedEvent' });
export type NormalizedEvent = z.infer<typeof NormalizedEvent>;

/** Who is subscribed to a fact and whether each may run. */
export const TriggerResolution = z
  .object({ registryVersion: z.string(), verdicts: z.array(SimulatedVerdict) })
  .meta({ id: 'TriggerResolution' });
export type TriggerResolution = z.infer<typeof TriggerResolution>;
