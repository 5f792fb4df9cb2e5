import type { InputSet } from '../contracts/input-set.js';
import type { Receipt } from '../contracts/receipt.js';
import type { Trigger, TriggerRef } from '../contracts/trigger.js';
import type { TriggerState } from '../contracts/trigger-state.js';
import type { Verdict } from '../contracts/verdict.js';
import type { Decision } from '../domain/decision.js';
import type { SetArrival } from '../domain/input-set/arrival.js';
import type { HeldTriggers, SubscriptionRef } from './held-triggers.js';

/** A trigger as the ledger holds it. */
export interface LedgerEntry {
  readonly trigger: Trigger;
  readonly state: TriggerState;
  readonly pendingSince: string;
  /** End of the current dispatch lease, while `dispatching`. */
  readonly leaseUntil?: string;
  readonly sentAt?: string;
  /** The trigger that stands for this one, when `absorbed`. */
  readonly absorbedInto?: string;
  /** Why the topic does not take it, when `refused`. */
  readonly refusedFor?: string;
  /** When an operator last had it tried again after a refusal. */
  readonly reopenedAt?: string;
  /** A store's name for the list in which the entry is found while it is unsent, when it is in one with others. */
  readonly unsentPage?: string;
  /** Changes with every write of the entry. */
  readonly etag: string;
}

/** A lease means that a dispatcher was at it: it may be out although it is marked withdrawn. */
export function mayHaveLeft({ state, leaseUntil }: Pick<LedgerEntry, 'state' | 'leaseUntil'>): boolean {
  return state === 'sent' || state === 'absorbed' || (state === 'withdrawn' && leaseUntil !== undefined);
}

/** The state in which a decision's trigger begins. */
export function toFirstState({ initial, leaseUntil }: Decision): Pick<LedgerEntry, 'state' | 'leaseUntil'> {
  if (initial === 'held') return { state: 'held' };
  return leaseUntil === undefined ? { state: 'pending' } : { state: 'dispatching', leaseUntil };
}

/** Whether it is on its way to the topic. */
export function isUnsent({ state }: Pick<LedgerEntry, 'state'>): boolean {
  return state === 'pending' || state === 'dispatching';
}

/** What became of one decision offered for recording. */
export type RecordOutcome =
  /** Verdict and, if matched, pending trigger are stored. */
  | { readonly kind: 'recorded'; readonly verdict: Verdict; readonly entry?: LedgerEntry }
  /** A verdict for this signal and subscription stood already; `entry` is its trigger when it has one. */
  | { readonly kind: 'stands'; readonly verdict: Verdict; readonly entry?: LedgerEntry }
  /** The vector fired before, for another event; a `same-vector` verdict naming it is stored. */
  | { readonly kind: 'same-vector'; readonly verdict: Verdict };

/** What marking a trigger sent needs of it. */
export type SentTrigger = TriggerRef & { readonly unsentPage?: string | undefined };

/** The answer to a claim. */
export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly etag: string }
  /** Sent before; nothing is left to do. */
  | { readonly kind: 'sent' }
  /** Not to be sent now: held, absorbed, withdrawn or refused. */
  | { readonly kind: 'not-pending'; readonly state: TriggerState }
  /** Somebody else holds an unexpired lease; the sweep looks again later. */
  | { readonly kind: 'leased'; readonly leaseUntil: string }
  | { readonly kind: 'unknown' };

/** That the topic does not take a trigger, and since when it was tried. */
export interface TriggerRefusal {
  readonly triggerId: string;
  readonly reason: string;
  /** As the entry had it before it was tried. */
  readonly reopenedAt?: string | undefined;
}

/** What a retraction met in the ledger. */
export interface Retracted {
  /** Triggers that had not left; they never will. */
  readonly withdrawn: readonly Trigger[];
  /** Triggers that left, or may have. */
  readonly sent: readonly Trigger[];
}

/** What somebody made of a set, and the decision that fires with it. */
export interface SetChange {
  readonly stage: string;
  readonly subscription: string;
  readonly set: string;
  /** The set as it was looked at. */
  readonly etag: string;
  readonly to: InputSet;
  readonly decision?: Decision;
}

/** What became of a change of a set; anything but `stored` left everything as it was. */
export type SetChangeOutcome =
  | { readonly kind: 'stored'; readonly entry?: LedgerEntry }
  /** The set is not as it was looked at. */
  | { readonly kind: 'changed' }
  /** The vector of the decision fired before. */
  | { readonly kind: 'fired-before'; readonly triggerId: string }
  /** A snapshot of the decision was retracted. */
  | { readonly kind: 'retracted' };

/**
 * Verdicts, the triggers they became, and receipts. Rows never expire.
 *
 * L1 The key of a trigger's row is a function of its vector alone, so every evaluation meets the same row.
 * L2 A matched verdict and its pending trigger are written in one transaction, or not at all.
 * L3 The first stored verdict of (signal, subscription) stands; in sets, of (signal, subscription, set).
 * L4 A set, the verdicts that changed it and the trigger it fired are written in one transaction.
 * L5 A decision's lease is a claim: only who is told `recorded` has it, and who is told anything else has not.
 * L6 Once a snapshot is marked retracted for a subscription, no trigger for it can be recorded.
 */
export interface Ledger extends HeldTriggers {
  /** One outcome per decision, in order. After a throw, asking again is safe. @throws RetryableError */
  record(decisions: readonly Decision[]): Promise<RecordOutcome[]>;
  /** Bring arrivals to their sets, one after the other for each set. One outcome per arrival. @throws RetryableError */
  join(arrivals: readonly SetArrival[]): Promise<RecordOutcome[]>;
  /**
   * Store what somebody made of a set, with its decision, in one transaction, if it is as it was looked at: what came
   * in meanwhile is neither lost nor overwritten. @throws RetryableError
   */
  changeSet(change: SetChange): Promise<SetChangeOutcome>;
  /**
   * Mark a snapshot retracted for a subscription, withdraw its unsent triggers and find those that left. Triggers that
   * stood behind one that is withdrawn before it left are held again. Asking again gives the same answer.
   * @throws RetryableError
   */
  retract(request: SubscriptionRef & { name: string; revision: number }): Promise<Retracted>;
  /**
   * Take the right to send each trigger for `leaseMs` from `nowMs`. The etag of an entry that was pending spares a read
   * when it still holds.
   * At most one caller at a time is told `claimed` for a trigger while its lease lasts. @throws RetryableError
   */
  claim(
    requests: readonly { triggerId: string; etag?: string }[],
    lease: { nowMs: number; leaseMs: number },
  ): Promise<ClaimOutcome[]>;
  /** Mark recorded triggers sent, for good. Repeating it changes nothing. @throws RetryableError */
  markSent(triggers: readonly SentTrigger[], sentAt: string): Promise<void>;
  /**
   * Triggers the topic never takes leave the unsent ones, unless they left, were withdrawn, or were asked for again since
   * `reopenedAt`. @throws RetryableError
   */
  markRefused(refusals: readonly TriggerRefusal[]): Promise<void>;
  /**
   * Have an unsent trigger tried again, as of `at`: a refused one is pending again, and a refusal that is under way does
   * not count any more. `false` when it is neither refused nor unsent. @throws RetryableError
   */
  reopen(triggerId: string, at: string): Promise<boolean>;
  /** Not yet sent entries whose pending time lies before `beforeMs`, oldest first per bucket, at most `limit`. */
  listUnsent(query: { stage: string; beforeMs: number; limit: number }): Promise<LedgerEntry[]>;
  /** The entry, or undefined. @throws RetryableError */
  get(triggerId: string): Promise<LedgerEntry | undefined>;
  /** Verdicts of a signal over all subscriptions of all given stages. */
  listVerdicts(query: { stages: readonly string[]; signalId: string }): Promise<Verdict[]>;
  /** Entries of a consumer, newest first, at most `limit`. */
  listByConsumer(query: { stage: string; consumer: string; limit: number }): Promise<LedgerEntry[]>;
  /** Record a receipt if absent (by trigger and event id). `false` when it was there. @throws RetryableError */
  addReceipt(receipt: Receipt): Promise<boolean>;
  /** Receipts of a trigger in the order they occurred. */
  listReceipts(triggerId: string): Promise<Receipt[]>;
}
