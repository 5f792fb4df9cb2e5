import type { DispatchMessage, EvaluateMessage, NormalizeMessage, StageMessage } from '../contracts/stage-messages.js';

/** The three queues between the functions. A resolved promise means the broker has every message. */
export interface StageQueues {
  /** @throws RetryableError; some messages may have been sent, and sending again is safe */
  toNormalize(messages: readonly NormalizeMessage[]): Promise<void>;
  /** @throws RetryableError as above */
  toEvaluate(messages: readonly EvaluateMessage[]): Promise<void>;
  /** @throws RetryableError as above */
  toDispatch(messages: readonly DispatchMessage[]): Promise<void>;
  /** Put a message back on its own queue, to be seen no earlier than `atMs`. @throws RetryableError */
  again(messages: readonly { message: StageMessage; atMs: number }[]): Promise<void>;
}
