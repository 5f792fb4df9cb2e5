import type { Trigger } from '../../contracts/trigger.js';

/** A trigger at the time it left, or would have. */
export interface TimedTrigger {
  readonly trigger: Trigger;
  readonly atMs: number;
}

/** A trigger as a report names it. */
export interface ReportedTrigger {
  readonly triggerId: string;
  readonly subscription: string;
  readonly consumer: string;
  /** `op.sales.orders.daily@2.1.0 2026-03-10T00:00:00Z`, one for each input. */
  readonly snapshots: readonly string[];
  readonly at: string;
}

/** A trigger that would no longer leave, and why. */
export interface LostTrigger extends ReportedTrigger {
  readonly reason: string;
}

/** A trigger that would leave later than it did. */
export interface DelayedTrigger extends ReportedTrigger {
  readonly wouldLeaveAt: string;
  readonly byMinutes: number;
}

/** What a proposed registry would have done differently. */
export interface BacktestReport {
  readonly stage: string;
  readonly from: string;
  readonly to: string;
  /** Signals that were decided again. */
  readonly signals: number;
  readonly triggersThen: number;
  readonly triggersNow: number;
  readonly gained: readonly ReportedTrigger[];
  readonly lost: readonly LostTrigger[];
  readonly delayed: readonly DelayedTrigger[];
}

/** Differences below this are the time that queues took, not a decision. */
const toleranceMs = 60_000;

/** Compare what left with what would have left; lists are in order of time. `whyLost` gives the reason for a trigger that would not. */
export function compareTriggers(
  then: readonly TimedTrigger[],
  now: readonly TimedTrigger[],
  whyLost: (trigger: Trigger) => string,
): Pick<BacktestReport, 'triggersThen' | 'triggersNow' | 'gained' | 'lost' | 'delayed'> {
  const before = new Map([...then].sort(byTime).map((each) => [each.trigger.triggerId, each]));
  const after = new Map([...now].sort(byTime).map((each) => [each.trigger.triggerId, each]));
  return {
    triggersThen: before.size,
    triggersNow: after.size,
    gained: [...after].filter(([id]) => !before.has(id)).map(([, each]) => toReported(each)),
    lost: [...before]
      .filter(([id]) => !after.has(id))
      .map(([, each]) => ({ ...toReported(each), reason: whyLost(each.trigger) })),
    delayed: [...before].flatMap(([id, each]) => {
      const later = after.get(id);
      if (later === undefined || later.atMs - each.atMs <= toleranceMs) return [];
      const byMinutes = Math.round((later.atMs - each.atMs) / 60_000);
      return [{ ...toReported(each), wouldLeaveAt: new Date(later.atMs).toISOString(), byMinutes }];
    }),
  };
}

function byTime(a: TimedTrigger, b: TimedTrigger): number {
  return a.atMs - b.atMs || (a.trigger.triggerId < b.trigger.triggerId ? -1 : 1);
}

function toReported({ trigger, atMs }: TimedTrigger): ReportedTrigger {
  const { triggerId, subscription, consumer, inputs } = trigger;
  const snapshots = inputs.map(
    ({ outputPort, snapshot }) => `${outputPort.key}@${outputPort.version} ${snapshot.watermark}`,
  );
  return { triggerId, subscription, consumer, snapshots, at: new Date(atMs).toISOString() };
}
