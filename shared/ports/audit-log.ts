import type { AuditRecord } from '../contracts/audit.js';

/** Every change made on purpose, kept for good. */
export interface AuditLog {
  /** Keep the record; the very same record twice is kept once, so a retry is safe. @throws RetryableError | TerminalError */
  append(record: AuditRecord): Promise<void>;
  /** Records newest first, at most `limit`; of one target when it is named. Reads one partition per month walked back. */
  list(query: { limit: number; target?: string }): Promise<AuditRecord[]>;
}
