import { z } from 'zod';
import { QualityStatus } from './events/quality.js';
import { DataProductKey, Identifier, Instant, OutputPortKey, SemanticVersion, Stage, SubscriptionKey } from './keys.js';
import { TriggerId } from './trigger-id.js';
import { GateAnswer } from './verdict.js';

/** One input of a trigger: the snapshot that made the subscription fire. */
export const TriggerInput = z.object({
  eventId: Identifier,
  signalId: z.string(),
  outputPort: z.object({ key: OutputPortKey, version: SemanticVersion, stage: Stage }),
  snapshot: z.object({
    watermark: Identifier,
    batchId: Identifier.optional(),
    partition: Identifier.optional(),
    revision: z.int().min(0),
    recordCount: z.int().min(0).optional(),
    schemaHash: z.string(),
    quality: z.object({
      status: QualityStatus,
      ruleset: z.string(),
      score: z.number().optional(),
      failedTests: z.array(z.string()).optional(),
    }),
  }),
  producer: DataProductKey,
  occurredAt: Instant,
  receivedAt: Instant,
});
export type TriggerInput = z.infer<typeof TriggerInput>;

/** Body of a message on topic `triggers`: why this consumer may run now, with the whole evidence. */
export const Trigger = z
  .object({
    triggerId: TriggerId,
    subscription: SubscriptionKey,
    consumer: DataProductKey,
    stage: Stage,
    cause: z.enum(['live', 'replay', 'backfill']),
    inputs: z.array(TriggerInput).min(1),
    evidence: z.object({ verdictId: z.string(), registryVersion: z.string(), gates: z.array(GateAnswer) }),
    correlationId: Identifier,
    traceparent: z.string(),
    decidedAt: Instant,
  })
  .meta({ id: 'Trigger', title: 'A consumer may run' });
export type Trigger = z.infer<typeof Trigger>;
