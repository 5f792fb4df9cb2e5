import type { Pause } from '../contracts/controls.js';

/** Everything that is paused, and the state it was read in. */
export interface ControlState {
  readonly pauses: readonly Pause[];
  /** Changes with every write; `none` before the first. */
  readonly etag: string;
}

/** What operators have switched off. */
export interface ControlStore {
  /** One point read. @throws RetryableError */
  read(): Promise<ControlState>;
  /** Replace all pauses if nobody did since `etag`; the new state, or undefined when somebody did. @throws RetryableError */
  replace(pauses: readonly Pause[], etag: string): Promise<ControlState | undefined>;
}
