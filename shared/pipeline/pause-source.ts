import type { PauseOf } from '../domain/holds.js';

/** What operators stopped, as of now. */
export interface PauseSource {
  /** A question that can be asked for any scope; what it knows is at most a refresh interval old. */
  current(): Promise<PauseOf>;
}

/** Nothing is ever paused. */
export const noPauses: PauseSource = { current: () => Promise.resolve(() => undefined) };
