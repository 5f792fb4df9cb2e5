import { z } from 'zod';
import { Cause } from './cause.js';
import { QualityStatus } from './events/quality.js';
import { DataProductKey, Identifier, Instant, OutputPortKey, SemanticVersion, Stage, SubscriptionKey } from './keys.js';
import { limits } from './limits.js';
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
  chainDepth: z.int().min(0).optional(),
});
export type TriggerInput = z.infer<typeof TriggerInput>;

/** Why a trigger waited, and since when. */
export const Hold = z.object({
  code: z.enum([
    'circuit-breaker',
    'contract-breach',
    'entitlement-expired',
    'paused',
    'outside-window',
    'coalescing',
    'throttled',
  ]),
  /** One sentence for people. */
  reason: z.string(),
  /** Who can end it, when that is somebody. */
  owner: z.string().optional(),
  /** When it ends by itself, when that is known. */
  until: Instant.optional(),
});
export type Hold = z.infer<typeof Hold>;

/** An operator's word that a set may go with what is there, although its condition does not hold. */
export const SetRelease = z.object({
  at: Instant,
  by: z.string(),
  reason: z.string(),
  /** Inputs that were missing, or did not cover their period. */
  missing: z.array(z.string()),
});
export type SetRelease = z.infer<typeof SetRelease>;

/** Another trigger that this one stands for. */
const AbsorbedTrigger = z.object({
  triggerId: TriggerId,
  decidedAt: Instant,
  snapshots: z.array(z.object({ port: OutputPortKey, watermark: Identifier, eventId: Identifier })),
});

/** Body of a message on topic `triggers`: why this consumer may run now, with the whole evidence. */
export const Trigger = z
  .object({
    /** `revocation` takes back the triggers named in `revokes`: a snapshot they were for was retracted. */
    kind: z.enum(['trigger', 'revocation']).default('trigger'),
    triggerId: TriggerId,
    subscription: SubscriptionKey,
    consumer: DataProductKey,
    stage: Stage,
    cause: Cause,
    /** For cause `replay`: which one, and why it was asked for. */
    replay: z.object({ name: z.string(), reason: z.string() }).optional(),
    inputs: z.array(TriggerInput).min(1),
    /** The set that completed, for a subscription with several inputs. */
    set: z.string().optional(),
    /** The set did not complete: an operator let it go without what is named here. */
    released: SetRelease.optional(),
    /** Triggers that were held and that this one stands for, oldest first. */
    absorbed: z.array(AbsorbedTrigger).max(limits.absorbedPerTrigger).optional(),
    /** What held it back, when something did. */
    heldFor: z.array(Hold).optional(),
    revokes: z.array(TriggerId).min(1).optional(),
    /** For the event that the consumer publishes in turn. */
    chainDepth: z.int().min(0).default(1),
    evidence: z.object({ verdictId: z.string(), registryVersion: z.string(), gates: z.array(GateAnswer) }),
    correlationId: Identifier,
    traceparent: z.string(),
    decidedAt: Instant,
  })
  .meta({ id: 'Trigger', title: 'A consumer may run' });
export type Trigger = z.infer<typeof Trigger>;

/** What the rows of a trigger are found by. */
export type TriggerRef = Pick<Trigger, 'triggerId' | 'decidedAt'>;
