import { performance } from 'node:perf_hooks';
import { readRegistryEntries } from '../../shared/domain/registry/read-entries.js';
import { hostileEntries } from '../../test/fixtures/hostile-registry.js';

/** How long it takes to refuse hostile registry input. */
export interface HostileRegistryResult {
  readonly cases: number;
  /** Of the slowest case, the median of its runs: the budget is 10. */
  readonly worstMs: number;
  readonly worst: string;
}

const runs = 15;

/** Refuse every kind of hostile registry input; making the input is not counted. */
export function benchHostileRegistry(): HostileRegistryResult {
  const timed = hostileEntries.map(([name, make]) => {
    const source = { file: 'f.yaml', value: make(), lineOf: () => 1 };
    const times = Array.from({ length: runs }, () => {
      const start = performance.now();
      if (readRegistryEntries([source]).problems.length !== 1) throw new Error(`${name} was not refused`);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    return { name, ms: times[Math.floor(runs / 2)] ?? 0 };
  });
  const worst = timed.reduce((a, b) => (b.ms > a.ms ? b : a));
  return { cases: timed.length, worstMs: worst.ms, worst: worst.name };
}
