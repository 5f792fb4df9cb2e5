import type { TriggerState } from '../contracts/trigger-state.js';
import type { InputSet } from '../contracts/input-set.js';
import type { Verdict, VerdictOutcome } from '../contracts/verdict.js';
import type { Receipt } from '../contracts/receipt.js';
import type { SubscriptionRef } from './held-triggers.js';
import type { LedgerEntry, Retracted } from './ledger.js';
import type { Page, PageRequest } from './page.js';

/** The key a query for triggers goes by. */
export type TriggerKey =
  /** Newest decision first. */
  | { readonly kind: 'consumer'; readonly consumer: string }
  /** Not sent yet, oldest first. */
  | { readonly kind: 'unsent' }
  /** Held back, by subscription and oldest first. */
  | { readonly kind: 'held' }
  /** Refused by the topic for good, oldest first. */
  | { readonly kind: 'refused' }
  /** Every trigger, in no useful order: walks the whole ledger. */
  | { readonly kind: 'scan' };

/** A set of inputs under its key: the start of its period, or its mark. */
export interface StoredSet {
  readonly stage: string;
  readonly subscription: string;
  readonly set: string;
  readonly state: InputSet;
  /** Changes with every write of the set. */
  readonly etag: string;
}

/**
 * Whether a verdict is listed with its subscription's. A replay that finds a trigger standing says nothing that the live
 * verdict does not; thousands of these would hide the others. It is found with its signal, and the replay counts it.
 */
export function isListed({ replay, outcome }: Pick<Verdict, 'replay' | 'outcome'>): boolean {
  return replay === undefined || outcome !== 'same-vector';
}

/** Questions people ask about decisions, triggers and receipts. */
export interface LedgerQueries {
  listTriggers(
    filter: {
      readonly stages: readonly string[];
      readonly by: TriggerKey;
      readonly consumer?: string;
      readonly states?: readonly TriggerState[];
    },
    page: PageRequest,
  ): Promise<Page<LedgerEntry>>;
  /** Verdicts of one subscription that are listed, newest first; bounds are on the time of the decision. */
  listVerdicts(
    filter: {
      readonly stages: readonly string[];
      readonly subscription: string;
      readonly outcome?: VerdictOutcome;
      readonly fromMs?: number;
      readonly beforeMs?: number;
    },
    page: PageRequest,
  ): Promise<Page<Verdict>>;
  /** Sets of inputs of one subscription, by their key: oldest period first within a stage. */
  listSets(
    filter: { readonly stages: readonly string[]; readonly subscription: string },
    page: PageRequest,
  ): Promise<Page<StoredSet>>;
  /** What came in so far for a set of inputs; undefined before the first. */
  getSet(key: { stage: string; subscription: string; set: string }): Promise<StoredSet | undefined>;
  /** What a retraction of a snapshot would meet now, and whether one came before; leaves no mark. */
  findRetractable(
    snapshot: SubscriptionRef & { readonly name: string; readonly revision: number },
  ): Promise<Retracted & { readonly marked: boolean }>;
  /** Receipts with this event id, whichever trigger they are about. */
  findReceipts(query: { stages: readonly string[]; eventId: string }): Promise<Receipt[]>;
}
