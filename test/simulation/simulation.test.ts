import { describe, expect, it } from 'vitest';
import { playSeeds } from './play-seeds.js';
import { drawScenario } from './scenario/scenario.js';
import { shrink } from './shrink.js';
import { simulate } from './simulate.js';
import { listUnnamed } from './tally.js';

/**
 * Seeds that found a defect, or a judge that was too strict. What they draw changes with the scenarios; that a defect is
 * caught when it comes back is shown by the mutant of the same name.
 */
const foundBefore = [
  [39, 'a clock that was set back kept a host on an old registry for hours'],
  [6, 'a redelivered event was decided on with a later time of receipt than its signal has'],
  [35, 'a hub made anew reuses positions, and a delivery was taken for an earlier one'],
  [1140, 'triggers stood for ever behind one whose snapshot was taken back before it left'],
  [2692, 'a replay counted a repeated retraction as something that had fired before'],
  [13337, 'a replay was given up for good by an instance that knew of no registry yet'],
  [32067, 'a revocation waits for people when nobody subscribes any more'],
  [41053, 'a runner of a replay came back after its lease and recorded what no count holds'],
  [63601, 'a replay decides under any version an instance may still hold'],
  [64183, 'what a rate keeps back leaves only a few triggers per open window'],
  [136, 'a retry under another registry refused an event that was a signal already'],
] as const;

describe('the pipeline under simulated faults', () => {
  it('keeps every promise on the first seeds', async () => {
    const { failed, tally } = await playSeeds(0, 200);

    expect(failed).toEqual([]);
    expect(Object.keys(tally.faults).length).toBeGreaterThan(60);
    expect(listUnnamed(tally)).toEqual([]);
  }, 120_000);

  it.each(foundBefore)('keeps every promise on seed %i, which found that %s', async (seed) => {
    expect((await simulate(drawScenario(seed))).violations).toEqual([]);
  });

  it('runs the same way twice, to the last step', async () => {
    for (const seed of [1, 2, 3, 143, 714]) {
      const [first, second] = [await simulate(drawScenario(seed)), await simulate(drawScenario(seed))];

      expect(second.traceHash).toBe(first.traceHash);
    }
  });

  it('runs differently for another seed', async () => {
    const hashes = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5]) hashes.add((await simulate(drawScenario(seed))).traceHash);

    expect(hashes.size).toBe(5);
  });
});

describe('a failing scenario', () => {
  it('is cut down to what it takes to fail', async () => {
    const scenario = drawScenario(3);
    const needed = scenario.events.at(-1);

    const smallest = await shrink(scenario, 'P1', async (smaller) => {
      const result = await simulate({ ...smaller, events: [], applies: [], aftermath: undefined });
      const fails = smaller.events.includes(needed ?? scenario.events[0]!);
      return { ...result, violations: fails ? [{ promise: 'P1', text: 'still there' }] : [] };
    });

    expect(smallest.events).toEqual([needed]);
    expect(smallest).toMatchObject({ faults: [], hosts: 1, partitions: 1, maxBatch: 1 });
  });
});
