import { z } from 'zod';
import { Pause, PauseTarget } from '../controls.js';
import { Instant, Stage } from '../keys.js';
import { Problem, QuarantineReason } from '../problem.js';
import { ReplayName, ReplayRate, ReplaySelection } from '../replay-job.js';

const reason = z.string().min(1).max(1_000);

/** Switch something off. */
export const PauseRequest = z.object({ target: PauseTarget, reason }).meta({ id: 'PauseRequest' });
export type PauseRequest = z.infer<typeof PauseRequest>;

/** Switch something on again. */
export const ResumeRequest = z.object({ target: PauseTarget, reason: reason.optional() }).meta({ id: 'ResumeRequest' });
export type ResumeRequest = z.infer<typeof ResumeRequest>;

/** What is switched off. */
export const Controls = z.object({ pauses: z.array(Pause) }).meta({ id: 'Controls' });

/** Publish a quarantined event again: as it was, or as corrected. */
export const ResubmitRequest = z
  .object({ reason, event: z.record(z.string(), z.unknown()).optional() })
  .meta({ id: 'ResubmitRequest' });
export type ResubmitRequest = z.infer<typeof ResubmitRequest>;

/** Give a quarantined event up. */
export const DiscardRequest = z.object({ reason }).meta({ id: 'DiscardRequest' });
export type DiscardRequest = z.infer<typeof DiscardRequest>;

/** Settle many quarantined records at once. */
export const QuarantineBatchRequest = z
  .object({
    action: z.enum(['resubmit', 'discard']),
    reason,
    filter: z.object({
      reason: QuarantineReason.optional(),
      producer: z.string().max(128).optional(),
      port: z.string().max(128).optional(),
      from: Instant.optional(),
      to: Instant.optional(),
    }),
    /** Most records to settle in this call. */
    limit: z.int().min(1).max(500).default(100),
    /** Say what would be done and do nothing. */
    dryRun: z.boolean().default(false),
  })
  .meta({ id: 'QuarantineBatchRequest' });
export type QuarantineBatchRequest = z.infer<typeof QuarantineBatchRequest>;

/** What became of one record. */
export const QuarantineResult = z
  .object({
    id: z.string(),
    result: z.enum(['resubmitted', 'discarded', 'refused', 'would-resubmit', 'would-discard']),
    eventId: z.string().optional(),
    problems: z.array(Problem).optional(),
  })
  .meta({ id: 'QuarantineResult' });
export type QuarantineResult = z.infer<typeof QuarantineResult>;

/** What became of many. */
export const QuarantineBatchResult = z
  .object({ results: z.array(QuarantineResult), more: z.boolean() })
  .meta({ id: 'QuarantineBatchResult' });
export type QuarantineBatchResult = z.infer<typeof QuarantineBatchResult>;

/** Ask for a replay. */
export const ReplayRequest = z
  .object({
    name: ReplayName,
    selection: ReplaySelection,
    reason: z.string().max(1_000).default(''),
    /** Most signals a second. */
    ratePerSecond: ReplayRate.default(50),
    /** Say exactly what would be sent and do nothing. */
    dryRun: z.boolean().default(false),
  })
  .meta({ id: 'ReplayRequest' });
export type ReplayRequest = z.infer<typeof ReplayRequest>;

/** One trigger a replay would send. */
export const PlannedTrigger = z
  .object({
    triggerId: z.string(),
    subscription: z.string(),
    consumer: z.string(),
    stage: Stage,
    eventId: z.string(),
    port: z.string(),
    watermark: z.string().optional(),
  })
  .meta({ id: 'PlannedTrigger' });
export type PlannedTrigger = z.infer<typeof PlannedTrigger>;

/** Exactly what a replay would do. */
export const ReplayPlan = z
  .object({
    total: z.int(),
    sends: z.array(PlannedTrigger),
    /** Messages that would take back what left for snapshots retracted since, as far as they were not sent before. */
    revokes: z.array(PlannedTrigger),
    /** Stored retractions that would be applied again, one per subscription; most change nothing. */
    retracted: z.int(),
    firedBefore: z.int(),
    notMatched: z.int(),
    resubmits: z.array(z.string()),
    /** True when the plan stopped at its limit; the counts are then of the first part. */
    truncated: z.boolean(),
  })
  .meta({ id: 'ReplayPlan' });
export type ReplayPlan = z.infer<typeof ReplayPlan>;

/** Events accepted for the hub. */
export const EventsAccepted = z
  .object({ accepted: z.int(), eventIds: z.array(z.string()) })
  .meta({ id: 'EventsAccepted' });
export type EventsAccepted = z.infer<typeof EventsAccepted>;

const deadLetterPlace = {
  /** One of our own queues. */
  queue: z.enum(['normalize', 'evaluate', 'dispatch']).optional(),
  /** Or the channel of a consumer. */
  consumer: z.string().max(128).optional(),
};

/** Whose dead letters to look at. */
export const DeadLettersQuery = z.object({
  ...deadLetterPlace,
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type DeadLettersQuery = z.infer<typeof DeadLettersQuery>;

/** Send dead letters again. */
export const RedriveRequest = z
  .object({ ...deadLetterPlace, limit: z.int().min(1).max(500).default(50), reason })
  .meta({ id: 'RedriveRequest' });
export type RedriveRequest = z.infer<typeof RedriveRequest>;

/** A dead-lettered message as listed. */
export const DeadLetterView = z
  .object({
    messageId: z.string(),
    sequenceNumber: z.string(),
    enqueuedAt: z.string().optional(),
    reason: z.string().optional(),
    description: z.string().optional(),
    deliveryCount: z.int(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterView = z.infer<typeof DeadLetterView>;

/** What a re-drive did. */
export const RedriveResult = z
  .object({
    redriven: z.array(DeadLetterView),
    /** Left where they are: the broker would still take them for duplicates and drop them. */
    tooRecent: z.array(DeadLetterView),
  })
  .meta({ id: 'RedriveResult' });
export type RedriveResult = z.infer<typeof RedriveResult>;
