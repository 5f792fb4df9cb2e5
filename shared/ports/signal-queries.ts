import type { QualityStatus } from '../contracts/events/quality.js';
import type { Signal } from '../contracts/signal.js';
import type { Page, PageRequest } from './page.js';

/** The key a query for signals goes by; each has index rows of its own. */
export type SignalKey =
  | { readonly kind: 'event'; readonly eventId: string }
  | { readonly kind: 'correlation'; readonly correlationId: string }
  | { readonly kind: 'port'; readonly port: string }
  | { readonly kind: 'producer'; readonly producerDp: string }
  | { readonly kind: 'time' };

/** Signals by one key; the other members narrow the range that is walked, or filter within it. */
export interface SignalFilter {
  readonly stages: readonly string[];
  readonly by: SignalKey;
  /** Received at or after, epoch milliseconds. */
  readonly fromMs?: number;
  /** Received before, epoch milliseconds. */
  readonly beforeMs?: number;
  readonly quality?: QualityStatus;
}

/** When a snapshot of a port became known. */
export interface Arrival {
  readonly snapshotTimeMs: number;
  readonly receivedAtMs: number;
}

/** Questions people ask about stored signals. */
export interface SignalQueries {
  /** Newest receipt first. Costs one query per bucket and stage (per port for a producer), then point reads. */
  list(filter: SignalFilter, page: PageRequest): Promise<Page<Signal>>;
  /** Signals of a port by the time their snapshot stands for, oldest first; bounds are inclusive. */
  listByWatermark(
    query: { stage: string; port: string; fromMs?: number; toMs?: number },
    page: PageRequest,
  ): Promise<Page<Signal>>;
  /** Retractions of a port's snapshots that stand for one time, at most `limit`; reads no other signal. */
  listRetractions(query: { stage: string; port: string; atMs: number; limit: number }): Promise<Signal[]>;
  /** How many signals `listByWatermark` walks; reads index rows only. */
  countByWatermark(query: { stage: string; port: string; fromMs?: number; toMs?: number }): Promise<number>;
  /** Receipts of a port's sealed snapshots, newest first, at most `limit`; reads index rows only. */
  listArrivals(query: { stage: string; port: string; limit: number }): Promise<Arrival[]>;
}
