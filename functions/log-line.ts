import type { LogRecord } from '../shared/contracts/log-record.js';
import { toSafeText } from '../shared/domain/safe-text.js';

/** Text in one log line, in UTF-16 units; what a fault says beyond that is cut. */
const maxLength = 8_000;

/**
 * A record as the line that alerts and workbook read: one JSON object that no text inside it can end, forge or recolour.
 */
export function toLogLine(record: LogRecord): string {
  const line = toSafeText(JSON.stringify(record));
  if (line.length <= maxLength) return line;
  return toSafeText(JSON.stringify({ event: record.event, cut: line.slice(0, maxLength / 2) }));
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
