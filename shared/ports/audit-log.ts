import type { AuditRecord } from '../contracts/audit.js';
import type { Page, PageRequest } from './page.js';

/** Every change made on purpose, kept for good. */
export interface AuditLog {
  /** Keep the record; the very same record twice is kept once, so a retry is safe. @throws RetryableError | TerminalError */
  append(record: AuditRecord): Promise<void>;
  /** Records newest first; of one target when it is named. Reads one partition per month walked back. */
  list(query: PageRequest & { readonly target?: string }): Promise<Page<AuditRecord>>;
}
