import type { Violation } from './oracle/history.js';
import type { Scenario } from './scenario/scenario.js';
import type { RunResult } from './simulate.js';

type Simulate = (scenario: Scenario) => Promise<RunResult>;

/** Runs spent on making a failing scenario smaller. */
const maxRuns = 600;

/**
 * Make a failing scenario smaller while it breaks the same promise: fewer faults, events, applies, replays, pauses, hosts, partitions.
 * What is left is close to the least that is needed.
 */
export async function shrink(scenario: Scenario, broken: Violation['promise'], simulate: Simulate): Promise<Scenario> {
  let smallest = scenario;
  let runs = 0;
  for (let progress = true; progress;) {
    progress = false;
    for (const smaller of listSmaller(smallest)) {
      if (++runs > maxRuns) return smallest;
      const { violations } = await simulate(smaller);
      if (!violations.some(({ promise }) => promise === broken)) continue;
      smallest = smaller;
      progress = true;
      break;
    }
  }
  return smallest;
}

function* listSmaller(scenario: Scenario): Generator<Scenario> {
  for (const faults of without(scenario.faults)) yield { ...scenario, faults };
  for (const events of without(scenario.events)) {
    const kept = scenario.aftermath && { ...scenario.aftermath, resend: [...events.keys()].slice(0, 1) };
    yield { ...scenario, events, aftermath: kept };
  }
  for (const applies of without(scenario.applies)) yield { ...scenario, applies };
  for (const replays of without(scenario.replays)) yield { ...scenario, replays };
  for (const pauses of without(scenario.pauses)) yield { ...scenario, pauses };
  if (scenario.aftermath) yield { ...scenario, aftermath: undefined };
  if (scenario.hosts > 1) yield { ...scenario, hosts: scenario.hosts - 1 };
  if (scenario.partitions > 1) yield { ...scenario, partitions: 1 };
  if (scenario.maxBatch > 1) yield { ...scenario, maxBatch: 1 };
}

/** The list with a half, a quarter, ... and at last single items left out. */
function* without<T>(items: readonly T[]): Generator<T[]> {
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < items.length; start += size) {
      yield [...items.slice(0, start), ...items.slice(start + size)];
    }
  }
}
