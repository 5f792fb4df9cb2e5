import type { LogRecord } from '../shared/contracts/log-record.js';

/** A record as the line that alerts and workbook read. */
export function toLogLine(record: LogRecord): string {
  return JSON.stringify(record);
}

/**
 * Add up what the groups of a batch reported: counts are summed, durations (`...Ms`) keep the largest.
 */
export function addUp(results: readonly object[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const [name, value] of results.flatMap((result) => Object.entries(result) as [string, unknown][])) {
    if (typeof value !== 'number') continue;
    const sofar = totals[name] ?? 0;
    totals[name] = name.endsWith('Ms') ? Math.max(sofar, value) : sofar + value;
  }
  return totals;
}
