import type { Signal } from '../contracts/signal.js';

/** What was received, as it was received. */
export interface SignalHistory {
  /**
   * Signals of a stage received at or after `fromMs` and before `beforeMs`, in the order they were received. Reads a
   * few hours at a time: one query per bucket for each, then one point read per signal. @throws RetryableError
   */
  read(query: { stage: string; fromMs: number; beforeMs: number }): AsyncIterable<Signal>;
}
