import { drawScenario } from './scenario/scenario.js';
import { simulate } from './simulate.js';
import { addRun, createTally, type Tally } from './tally.js';
import type { Violation } from './oracle/history.js';

/** A seed whose run broke a promise. */
export interface FailedSeed {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

export interface PlayedSeeds {
  readonly tally: Tally;
  readonly failed: readonly FailedSeed[];
}

/** One seed in so many is played a second time; both runs must be the same to the last step. */
const replayEvery = 100;

/** Play the seeds `first` to `first + count - 1`. */
export async function playSeeds(first: number, count: number): Promise<PlayedSeeds> {
  const tally = createTally();
  const failed: FailedSeed[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const scenario = drawScenario(seed);
    const result = await simulate(scenario);
    const violations = [...result.violations];
    if (seed % replayEvery === 0) {
      const { traceHash } = await simulate(scenario);
      const text = `a second run went another way: ${result.traceHash}, then ${traceHash}`;
      if (traceHash !== result.traceHash) violations.push({ promise: 'crash', text });
    }
    addRun(tally, result);
    if (violations.length > 0) failed.push({ seed, violations });
  }
  return { tally, failed };
}
