import type { Signal } from '../contracts/signal.js';

const isoTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * The point in time a signal's snapshot stands for, in epoch milliseconds: its watermark when that is an ISO time
 * (UTC when it has no offset), else the time the event occurred, because an opaque batch mark has no order of its own.
 */
export function toSnapshotTimeMs({ watermark, occurredAt }: Pick<Signal, 'watermark' | 'occurredAt'>): number {
  return toWatermarkTimeMs(watermark) ?? Date.parse(occurredAt);
}

/** The time an ISO watermark names, in epoch milliseconds; undefined for an opaque batch mark. */
export function toWatermarkTimeMs(watermark: string | undefined): number | undefined {
  if (watermark === undefined || !isoTime.test(watermark)) return undefined;
  const parsed = Date.parse(watermark.endsWith('Z') ? watermark : toZoned(watermark));
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** ISO times without an offset are UTC; a date alone is so by itself. */
function toZoned(watermark: string): string {
  return /T/.test(watermark) && !/[+-]\d{2}:\d{2}$/.test(watermark) ? `${watermark}Z` : watermark;
}
