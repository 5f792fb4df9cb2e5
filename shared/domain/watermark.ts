import type { Signal } from '../contracts/signal.js';

const isoTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * The point in time a signal's snapshot stands for, in epoch milliseconds: its watermark when that is an ISO time
 * (UTC when it has no offset), else the time the event occurred, because an opaque batch mark has no order of its own.
 */
export function toSnapshotTimeMs(signal: Pick<Signal, 'watermark' | 'occurredAt'>): number {
  const { watermark, occurredAt } = signal;
  if (watermark !== undefined && isoTime.test(watermark)) {
    const zoned = /T/.test(watermark) && !/(?:Z|[+-]\d{2}:\d{2})$/.test(watermark) ? `${watermark}Z` : watermark;
    const parsed = Date.parse(zoned);
    if (Number.isFinite(parsed)) return parsed;
  }
  return Date.parse(occurredAt);
}
