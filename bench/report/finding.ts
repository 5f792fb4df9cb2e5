/** Median of several rounds with the lowest and highest of them. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

/** A bound a value has to keep. */
export type Budget = { readonly atMost: number } | { readonly atLeast: number };

/** One number of a run. `unit` is `x` for a ratio of two measurements of the same run. */
export interface Finding {
  readonly what: string;
  readonly unit: 'x' | 'per event' | 'ms' | 'us' | 'events/s' | 'MB' | 'events';
  readonly value: Spread;
  readonly budget?: Budget;
}

/** What one bench found out. */
export interface Section {
  readonly title: string;
  /** What was measured against what, in a sentence. */
  readonly about: string;
  readonly findings: readonly Finding[];
}

/** Whether a finding keeps its budget; undefined when it has none. */
export function isMet({ value, budget }: Finding): boolean | undefined {
  if (budget === undefined) return undefined;
  return 'atMost' in budget ? value.median <= budget.atMost : value.median >= budget.atLeast;
}

/** The spread of one value per round. @throws RangeError without rounds */
export function toSpread(rounds: readonly number[]): Spread {
  const sorted = [...rounds].sort((a, b) => a - b);
  const low = sorted[0];
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) throw new RangeError('a spread needs at least one round');
  return { median: middleOf(sorted), low, high, rounds: sorted.length };
}

function middleOf(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (upper + lower) / 2;
}
