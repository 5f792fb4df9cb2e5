import type { PortState } from '../contracts/port-state.js';

/** One port in one stage. */
export interface PortStateKey {
  readonly stage: string;
  readonly port: string;
}

/** What is remembered of ports between signals: circuit breakers and announced versions. */
export interface PortStates {
  /** The states by port, in order; a fresh one for a port nothing is known of. @throws RetryableError */
  load(keys: readonly PortStateKey[]): Promise<PortState[]>;
  /**
   * Replace a port's state by what `step` makes of it, and return the result. Steps of different instances never
   * overlap; `step` is pure and may be called again. The same object means no change. @throws RetryableError
   */
  advance(key: PortStateKey, step: (state: PortState) => PortState): Promise<PortState>;
}
