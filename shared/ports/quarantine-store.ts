import type { QuarantineRecord } from '../contracts/quarantine-record.js';

/** Where events that cannot become signals wait, by time. */
export interface QuarantineStore {
  /** Keep each record; the same origin and reason twice is kept once. Bytes of any size survive. @throws RetryableError */
  put(records: readonly QuarantineRecord[]): Promise<void>;
  /** Records newest first, at most `limit`, optionally of one reason. */
  list(query: { limit: number; reason?: string }): Promise<QuarantineRecord[]>;
}
