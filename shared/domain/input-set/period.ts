import { DateTime } from 'luxon';
import { createHash } from 'node:crypto';
import type { Signal } from '../../contracts/signal.js';
import type { Alignment, Coverage, Period } from '../../contracts/subscription.js';
import { toWatermarkTimeMs } from '../watermark.js';

/** Where a snapshot belongs: the key that equal snapshots share, and the time it spans when it has one. */
export interface SetPeriod {
  readonly key: string;
  readonly startMs?: number;
  /** Exclusive. For `exact` alignment the watermark itself. */
  readonly endMs?: number;
}

/**
 * The set a snapshot belongs to. Periods are cut by the calendar of the alignment's zone, so that a day may have 23 or
 * 25 hours. Undefined when periods are asked for and the watermark is an opaque mark.
 */
export function toSetPeriod(
  align: Alignment,
  signal: Pick<Signal, 'watermark' | 'partition'>,
  coverage?: Coverage,
): SetPeriod | undefined {
  const suffix = align.partition === 'same' && signal.partition !== undefined ? `~${shortHash(signal.partition)}` : '';
  const timeMs = toWatermarkTimeMs(signal.watermark);
  if (align.by === 'exact') {
    if (timeMs === undefined) return { key: `mark-${shortHash(signal.watermark ?? '')}${suffix}` };
    return { key: new Date(timeMs).toISOString() + suffix, startMs: timeMs, endMs: timeMs };
  }
  if (timeMs === undefined) return undefined;
  return toPeriod(align, align.by, toStartMs(timeMs, align, coverage), suffix);
}

/** The period a set's key was made from; one of a mark spans no time. */
export function fromSetKey(align: Alignment, key: string): SetPeriod {
  const startMs = Date.parse(key.split('~', 1)[0] ?? '');
  if (Number.isNaN(startMs)) return { key };
  if (align.by === 'exact') return { key, startMs, endMs: startMs };
  const end = inZone(startMs, align).plus({ [align.by]: 1 });
  return { key, startMs, endMs: end.toMillis() };
}

/** The period `count` after another one of the same alignment. */
export function toFollowing(align: Alignment, period: SetPeriod, count: number): SetPeriod {
  if (align.by === 'exact' || period.startMs === undefined) throw new Error('only periods have a following one');
  const suffix = period.key.slice(new Date(period.startMs).toISOString().length);
  const start = inZone(period.startMs, align).plus({ [align.by]: count });
  return toPeriod(align, align.by, start.toMillis(), suffix);
}

/** The interval one snapshot covers. */
export function toInterval(
  timeMs: number,
  align: Pick<Alignment, 'timeZone'>,
  coverage: Coverage,
): { startMs: number; endMs: number } {
  const startMs = toStartMs(timeMs, align, coverage);
  return {
    startMs,
    endMs: inZone(startMs, align)
      .plus({ [coverage.grain]: 1 })
      .toMillis(),
  };
}

function toStartMs(timeMs: number, align: Pick<Alignment, 'timeZone'>, coverage: Coverage | undefined): number {
  if (coverage?.watermark !== 'end') return timeMs;
  return inZone(timeMs, align)
    .minus({ [coverage.grain]: 1 })
    .toMillis();
}

function toPeriod(align: Alignment, unit: Period, timeMs: number, suffix: string): SetPeriod {
  const start = inZone(timeMs, align).startOf(unit);
  const startMs = start.toMillis();
  const endMs = start.plus({ [unit]: 1 }).toMillis();
  return { key: new Date(startMs).toISOString() + suffix, startMs, endMs };
}

function inZone(timeMs: number, { timeZone }: Pick<Alignment, 'timeZone'>): DateTime {
  return DateTime.fromMillis(timeMs, { zone: timeZone });
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
