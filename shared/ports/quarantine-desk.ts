import type { QuarantineItem, QuarantineSummary, Resolution } from '../contracts/quarantine-item.js';
import type { QuarantineReason } from '../contracts/problem.js';
import type { Page, PageRequest } from './page.js';

/** Which quarantined records; all members together. */
export interface QuarantineFilter {
  readonly reason?: QuarantineReason;
  readonly state?: QuarantineSummary['state'];
  readonly producer?: string;
  readonly port?: string;
  /** Enqueued at or after, epoch milliseconds. */
  readonly fromMs?: number;
  /** Enqueued before, epoch milliseconds. */
  readonly beforeMs?: number;
}

/** Quarantine as people work on it: find, look, settle. */
export interface QuarantineDesk {
  /** Newest first, walked day by day; by reason along that reason's own index. */
  list(filter: QuarantineFilter, page: PageRequest): Promise<Page<QuarantineSummary>>;
  /** The record with its bytes, or undefined. */
  get(id: string): Promise<QuarantineItem | undefined>;
  /** Records whose bytes named this event id. */
  findByEventId(eventId: string): Promise<QuarantineItem[]>;
  /** Settle an open record, once. `etag` (when given) must still hold. */
  resolve(
    id: string,
    resolution: Resolution,
    etag?: string,
  ): Promise<'resolved' | 'already-resolved' | 'changed' | 'unknown'>;
}
