import { createHistogram } from 'node:perf_hooks';
import type { Passage } from './load.js';

/** Latencies in milliseconds, from an HDR histogram with microsecond resolution and three significant digits. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

/** Latency from when events were due, so that waiting behind a stall counts for every event it held up. */
export function toLatency(passages: readonly Passage[]): Latency {
  const histogram = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
  for (const { dueMs, arrivedMs } of passages) {
    histogram.record(Math.max(1, Math.round((arrivedMs - dueMs) * 1_000)));
  }
  const at = (percentile: number): number => histogram.percentile(percentile) / 1_000;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9) };
}

/**
 * Events per second of a flood, from when its first event was due until its last arrived. Early stages work ahead of the
 * late ones, so the rate of arrivals alone would be that of the late ones.
 */
export function toRate(passages: readonly Passage[]): number {
  const startMs = Math.min(...passages.map(({ dueMs }) => dueMs));
  const endMs = Math.max(...passages.map(({ arrivedMs }) => arrivedMs));
  return (passages.length * 1_000) / (endMs - startMs);
}

/**
 * Time from `endMs` of the plan, the end of a burst, until the backlog was gone: until the first event that was due
 * later and waited no longer than twice what events waited before the burst.
 */
export function toDrainMs(passages: readonly Passage[], burst: { startMs: number; endMs: number }): number {
  const planMs = passages[0]?.dueMs ?? 0;
  const before = passages.filter(({ dueMs }) => dueMs - planMs < burst.startMs);
  const calmMs = 2 * toLatency(before).p99;
  const after = passages.filter(({ dueMs }) => dueMs - planMs >= burst.endMs);
  const calm = after.find(({ dueMs, arrivedMs }) => arrivedMs - dueMs <= calmMs) ?? passages.at(-1);
  return (calm?.dueMs ?? Number.NaN) - planMs - burst.endMs;
}
