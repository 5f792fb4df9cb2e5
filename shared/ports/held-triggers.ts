import type { FlowState } from '../contracts/flow-state.js';
import type { Hold, Trigger, TriggerRef } from '../contracts/trigger.js';
import type { ReleasePlan } from '../domain/flow/plan-release.js';
import type { LedgerEntry } from './ledger.js';

/** One subscription's rows. */
export interface SubscriptionRef {
  readonly stage: string;
  readonly subscription: string;
}

/** Held triggers looked at by one plan: a subscription's oldest. */
export const heldPerPlan = 1_000;
/** Triggers one plan may change, so that it fits one transaction. */
export const changesPerPlan = 30;

/** Triggers that wait in the ledger: none is ever dropped, each is released, absorbed or withdrawn. */
export interface HeldTriggers {
  /** Subscriptions of a stage that have held triggers. @throws RetryableError */
  listHeldSubscriptions(stage: string): Promise<string[]>;
  /** Held triggers of a subscription, oldest first, at most `limit`. @throws RetryableError */
  listHeld(ref: SubscriptionRef, limit: number): Promise<Trigger[]>;
  /**
   * Change what a subscription holds as `plan` says, in one transaction with its flow state; the released entries are
   * pending then. Plans of different instances never overlap; `plan` is pure, sees the `heldPerPlan` oldest, changes
   * at most `changesPerPlan` and may be called again. @throws RetryableError
   */
  regulate(
    ref: SubscriptionRef,
    plan: (held: readonly Trigger[], flow: FlowState) => ReleasePlan,
  ): Promise<{ readonly released: LedgerEntry[]; readonly more: boolean }>;
  /** Put a pending trigger on hold; `false` when it was not pending any more. @throws RetryableError */
  hold(trigger: TriggerRef, heldFor: readonly Hold[]): Promise<boolean>;
}
