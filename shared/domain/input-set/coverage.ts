/** A span of time, end exclusive, in epoch milliseconds. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** The parts of `whole` that no interval covers, in order; none means it is covered without a gap. */
export function findGaps(whole: Interval, intervals: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let reachedMs = whole.startMs;
  for (const { startMs, endMs } of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    if (endMs <= reachedMs) continue;
    if (startMs >= whole.endMs) break;
    if (startMs > reachedMs) gaps.push({ startMs: reachedMs, endMs: startMs });
    reachedMs = endMs;
  }
  if (reachedMs < whole.endMs) gaps.push({ startMs: reachedMs, endMs: whole.endMs });
  return gaps;
}
