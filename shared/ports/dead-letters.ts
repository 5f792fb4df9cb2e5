import type { DeadLetterView, RedriveResult } from '../contracts/api/operations.js';

/** A place where the broker put messages it gave up on. */
export type DeadLetterSource =
  | { readonly kind: 'queue'; readonly queue: 'normalize' | 'evaluate' | 'dispatch' }
  | { readonly kind: 'consumer'; readonly consumer: string };

/** Messages the broker gave up on. */
export interface DeadLetters {
  /** Oldest first, at most `limit`; changes nothing. Undefined when there is no such place. @throws RetryableError */
  peek(source: DeadLetterSource, limit: number): Promise<DeadLetterView[] | undefined>;
  /**
   * Send at most `limit` messages again with the same id and body, then take them out of the dead-letter queue. A death
   * in between leaves both; the id lets whoever receives them see that they are one. What the broker would still drop
   * as a duplicate stays where it is. Undefined when there is no such place. @throws RetryableError
   */
  redrive(source: DeadLetterSource, limit: number): Promise<RedriveResult | undefined>;
}
