import { type FaultKind, faultKinds } from './model/faults.js';
import type { RunResult } from './simulate.js';
import { listCrashPoints } from './use-cases.js';

/** What many runs hit, summed up; plain data, so that it crosses threads. */
export interface Tally {
  runs: number;
  readonly faults: Record<string, number>;
  readonly crashPoints: Record<string, number>;
}

export function createTally(): Tally {
  return { runs: 0, faults: {}, crashPoints: {} };
}

export function addRun(tally: Tally, result: RunResult): void {
  tally.runs += 1;
  addCounts(tally.faults, result.faults);
  addCounts(tally.crashPoints, result.crashPoints);
}

export function addTally(tally: Tally, other: Tally): void {
  tally.runs += other.runs;
  addCounts(tally.faults, Object.entries(other.faults));
  addCounts(tally.crashPoints, Object.entries(other.crashPoints));
}

/** Faults and crash points that no run hit: a simulation that cannot hit them proves nothing about them. */
export function listUnhit(tally: Tally): string[] {
  const faults = [...faultKinds.keys()].filter((kind: FaultKind) => tally.faults[kind] === undefined);
  const points = listCrashPoints().filter((names) => names.every((name) => tally.crashPoints[name] === undefined));
  return [...faults.map((kind) => `fault ${kind}`), ...points.map((names) => `crash point ${names.join(' or ')}`)];
}

/** Crash points that were hit and that no use case names: its list of calls is out of date. */
export function listUnnamed(tally: Tally): string[] {
  const named = new Set(listCrashPoints().flat());
  return Object.keys(tally.crashPoints).filter((point) => !named.has(point));
}

function addCounts(counts: Record<string, number>, more: Iterable<[string, number]>): void {
  for (const [name, count] of more) counts[name] = (counts[name] ?? 0) + count;
}
