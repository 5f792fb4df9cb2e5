import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNormalizeSizes, runBatchOfMutants } from '../../support/bad-input/run-mutants.js';
import { mutant } from '../../support/bad-input/mutants.js';
import { snapshotPrototypes } from '../../support/bad-input/prototypes.js';
import { toSuiteOption } from '../../support/suite-options.js';

const perBatch = 50;
const runs = toSuiteOption('runs', 20_000);
const seed = toSuiteOption('seed', 20_260_311);
/** A Service Bus message of the Standard tier, less room for its properties. */
const largestMessage = 250_000;

describe('events that were tampered with', () => {
  it(
    `end in exactly one place each, and take no neighbour with them (${runs} of them, seed ${seed})`,
    { timeout: 120_000 + runs * 20 },
    async () => {
      const prototypes = snapshotPrototypes();
      const rejections: unknown[] = [];
      const onRejection = (reason: unknown): void => void rejections.push(reason);
      process.on('unhandledRejection', onRejection);
      const seen = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(fc.array(mutant, { minLength: perBatch, maxLength: perBatch }), async (batch) => {
          const ends = await runBatchOfMutants(batch);
          expect(ends.places.filter((places) => places.length !== 1)).toEqual([]);
          expect(ends.neighbourFired).toBe(true);
          expect(ends.places.flat()).not.toContain('decode-fault');
          expect(Math.max(0, ...readNormalizeSizes(batch))).toBeLessThan(largestMessage);
          for (const place of ends.places.flat()) seen.set(place, (seen.get(place) ?? 0) + 1);
        }),
        { numRuns: Math.ceil(runs / perBatch), seed, endOnFailure: false },
      );
      process.off('unhandledRejection', onRejection);
      expect(rejections).toEqual([]);
      expect(snapshotPrototypes()).toBe(prototypes);
      // A mutator that only makes rubbish, or none, would prove little.
      for (const place of ['signal', 'not-json', 'invalid-event', 'duplicate-member', 'unsafe-number']) {
        expect([...seen.keys()]).toContain(place);
      }
    },
  );
});
