import { z } from 'zod';
import { Cause } from '../cause.js';
import { Origin } from '../origin.js';
import { QuarantineSummary } from '../quarantine-item.js';
import { Receipt } from '../receipt.js';
import { Signal } from '../signal.js';
import { Hold, SetRelease } from '../trigger.js';
import { GateAnswer, VerdictOutcome } from '../verdict.js';

/** One thing that happened to an event, and when. */
export const PathStep = z
  .object({
    step: z.enum([
      'occurred',
      'enqueued',
      'received',
      'validated',
      'quarantined',
      'resubmitted',
      'discarded',
      'stored',
      'duplicate',
      'evaluated',
      'triggered',
      'delivered',
      'receipt',
    ]),
    /** Absent when it happened and its time was not kept. */
    at: z.string().optional(),
    note: z.string(),
  })
  .meta({ id: 'PathStep' });
export type PathStep = z.infer<typeof PathStep>;

/** When a port's snapshots usually arrive, from those that did. */
export const ArrivalHabit = z
  .object({
    samples: z.int(),
    /** From the time a snapshot stands for to its receipt. */
    medianDelayMinutes: z.number(),
    p95DelayMinutes: z.number(),
    /** Between the times that neighbouring snapshots stand for. */
    medianIntervalMinutes: z.number().optional(),
    /** When the next one is due, if it comes as they usually do. */
    expectedAt: z.string().optional(),
  })
  .meta({ id: 'ArrivalHabit' });
export type ArrivalHabit = z.infer<typeof ArrivalHabit>;

/** One fact that would make a subscription fire, and who can bring it about. */
export const Remedy = z
  .object({
    kind: z.enum(['event', 'subscription', 'registry', 'release', 'repair']),
    /** One sentence. */
    fact: z.string(),
    /** The data product whose fact it is, and the team that owns it. */
    product: z.string(),
    owner: z.string(),
    /** Gates that it answers. */
    gates: z.array(z.string()),
    /** The same rules, run with this fact in place, said yes. */
    verified: z.boolean(),
    /** For an event: when such events usually arrive. */
    usually: ArrivalHabit.optional(),
  })
  .meta({ id: 'Remedy' });
export type Remedy = z.infer<typeof Remedy>;

/** A trigger's state without its evidence. */
export const TriggerView = z
  .object({
    triggerId: z.string(),
    state: z.string(),
    cause: Cause,
    pendingSince: z.string(),
    leaseUntil: z.string().optional(),
    sentAt: z.string().optional(),
    absorbedInto: z.string().optional(),
    /** Why the topic does not take it, when it refused it. */
    refusedFor: z.string().optional(),
    heldFor: z.array(Hold).optional(),
    /** Its set did not complete: an operator let it go. */
    released: SetRelease.optional(),
    receipts: z.array(Receipt),
  })
  .meta({ id: 'TriggerView' });
export type TriggerView = z.infer<typeof TriggerView>;

/** Why one subscription did or did not fire for one event. */
export const SubscriptionExplanation = z
  .object({
    subscription: z.string(),
    consumer: z.string(),
    /** `not-evaluated`: no verdict is stored; the gates are what they would answer now. */
    outcome: z.enum([...VerdictOutcome.options, 'not-evaluated']),
    reason: z.string(),
    registryVersion: z.string(),
    decidedAt: z.string().optional(),
    replay: z.string().optional(),
    /** The set of inputs, for a subscription with several. */
    set: z.string().optional(),
    gates: z.array(GateAnswer),
    trigger: TriggerView.optional(),
    /** For `same-vector`: the event that fired first. */
    firstEventId: z.string().optional(),
    /** Each is a smallest set of one fact that suffices when `verified`; else all that are not are needed. */
    remedies: z.array(Remedy),
    pausedBy: z.string().optional(),
  })
  .meta({ id: 'SubscriptionExplanation' });
export type SubscriptionExplanation = z.infer<typeof SubscriptionExplanation>;

/** A stored event with its whole path. */
export const EventExplanation = z
  .object({
    signal: Signal,
    path: z.array(PathStep),
    duplicates: z.array(Origin),
    subscriptions: z.array(SubscriptionExplanation),
  })
  .meta({ id: 'EventExplanation' });
export type EventExplanation = z.infer<typeof EventExplanation>;

/** A refused event with its whole path. */
export const QuarantineExplanation = z
  .object({ record: QuarantineSummary, path: z.array(PathStep), owner: z.string().optional() })
  .meta({ id: 'QuarantineExplanation' });
export type QuarantineExplanation = z.infer<typeof QuarantineExplanation>;

/** Everything known about an id. */
export const Explanation = z
  .object({
    id: z.string(),
    asked: z.enum(['event', 'trigger', 'quarantine-record']),
    summary: z.string(),
    events: z.array(EventExplanation),
    quarantined: z.array(QuarantineExplanation),
    /** Receipts that came as the event asked for. */
    receipts: z.array(Receipt),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof Explanation>;
