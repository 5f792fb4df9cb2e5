import type { ArrivalHabit } from '../../contracts/api/explanation.js';

/** When a snapshot became known, epoch milliseconds. */
interface Arrival {
  readonly snapshotTimeMs: number;
  readonly receivedAtMs: number;
}

const minuteMs = 60_000;

/** What is usual about a port's arrivals; undefined without any. */
export function toArrivalHabit(arrivals: readonly Arrival[]): ArrivalHabit | undefined {
  if (arrivals.length === 0) return undefined;
  const delays = arrivals.map(({ snapshotTimeMs, receivedAtMs }) => (receivedAtMs - snapshotTimeMs) / minuteMs);
  const marks = [...new Set(arrivals.map(({ snapshotTimeMs }) => snapshotTimeMs))].sort((a, b) => a - b);
  const intervals = marks.slice(1).map((mark, index) => (mark - (marks[index] ?? mark)) / minuteMs);
  const medianDelayMinutes = toQuantile(delays, 0.5);
  const medianIntervalMinutes = intervals.length > 0 ? toQuantile(intervals, 0.5) : undefined;
  const last = marks.at(-1) ?? 0;
  return {
    samples: arrivals.length,
    medianDelayMinutes,
    p95DelayMinutes: toQuantile(delays, 0.95),
    ...(medianIntervalMinutes !== undefined && {
      medianIntervalMinutes,
      expectedAt: new Date(last + (medianIntervalMinutes + medianDelayMinutes) * minuteMs).toISOString(),
    }),
  };
}

/** Nearest-rank quantile, rounded to whole minutes. */
function toQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
}
