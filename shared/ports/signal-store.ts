import type { Origin } from '../contracts/origin.js';
import type { Signal } from '../contracts/signal.js';

/** What became of one signal offered for storage. */
export type StoreOutcome =
  /** It was not there and is now. */
  | { readonly kind: 'stored' }
  /** The row was there, read from the very same hub position: the caller is being retried. What was stored stands. */
  | { readonly kind: 'redelivered'; readonly first: Signal }
  /** Another delivery of the same event; recorded under its own origin. */
  | { readonly kind: 'duplicate'; readonly first: Signal }
  /** The same producer and event id with other content; nothing was written. */
  | { readonly kind: 'conflict'; readonly first: Signal };

/** The canonical signal rows. Rows are never changed once stored. */
export interface SignalStore {
  /**
   * Insert each signal if absent; one outcome per signal, in order, also when a signal id occurs twice.
   * All-or-nothing per signal, not across signals: after a throw some may be stored, and asking again is safe.
   * @throws RetryableError
   */
  insert(signals: readonly Signal[]): Promise<StoreOutcome[]>;
  /** The signal, or undefined. @throws RetryableError */
  get(key: { stage: string; producerDp: string; signalId: string }): Promise<Signal | undefined>;
  /** Every signal with this event id, whichever producer and stage; one small query per bucket and stage. */
  findByEventId(eventId: string): Promise<Signal[]>;
  /** Signals of one port, whoever published them, newest receipt first, at most `limit`; one small query per bucket. */
  listByPort(query: { stage: string; port: string; limit: number }): Promise<Signal[]>;
  /** Origins of the recorded duplicates of a signal. */
  listDuplicates(signal: Pick<Signal, 'stage' | 'producerDp' | 'signalId'>): Promise<Origin[]>;
}
