import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputSet } from '../../../../shared/contracts/input-set.js';
import type { Condition } from '../../../../shared/contracts/subscription.js';
import { compileRegistry } from '../../../../shared/domain/compiled-registry.js';
import { decide } from '../../../../shared/domain/decide.js';
import { findMissing, holds } from '../../../../shared/domain/input-set/condition.js';
import { arrivalsOf } from '../../../fixtures/decisions.js';
import { sealOf, setRegistry, setSubscription } from '../../../fixtures/sets.js';

const names = ['a', 'b', 'c', 'd'] as const;

interface Arrival {
  readonly name: (typeof names)[number];
  readonly day: number;
  readonly hour: number;
  readonly revision: number;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  name: fc.constantFrom(...names),
  day: fc.integer({ min: 10, max: 11 }),
  hour: fc.integer({ min: 0, max: 1 }),
  revision: fc.integer({ min: 0, max: 2 }),
});

const { condition } = fc.letrec<{ condition: Condition }>((tie) => {
  const parts = fc.array(tie('condition'), { minLength: 1, maxLength: 3 });
  return {
    condition: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constantFrom(...names),
      parts.map((all) => ({ all })),
      parts.map((any) => ({ any })),
      fc.tuple(parts, fc.integer({ min: 1, max: 3 })).map(([of, atLeast]) => ({ atLeast, of })),
    ),
  };
});

const watermarkOf = ({ day, hour }: Arrival): string => `2026-03-${day}T0${hour}:00:00Z`;
const vectorOf = (arrivals: readonly Arrival[]): string =>
  arrivals
    .map((one) => `${one.name} ${watermarkOf(one)} r${one.revision}`)
    .sort()
    .join(', ');

/** What fires, by the rules as plainly as they can be written: everything is kept, everything is looked at again. */
function fireNaively(condition: Condition, arrivals: readonly Arrival[]): string[] {
  const fired: string[] = [];
  for (const day of [10, 11]) {
    const seen: Arrival[] = [];
    let vector: Arrival[] | undefined;
    for (const one of arrivals.filter((each) => each.day === day)) {
      const isSame = (other: Arrival): boolean => other.name === one.name && other.hour === one.hour;
      if (seen.some((other) => isSame(other) && other.revision >= one.revision)) continue;
      seen.push(one);
      if (vector) {
        if (!vector.some(isSame)) continue;
        vector = vector.map((old) => (isSame(old) ? one : old));
      } else {
        const best = names.flatMap((name) => {
          const own = seen.filter((each) => each.name === name);
          return own.sort((x, y) => y.hour - x.hour || y.revision - x.revision).slice(0, 1);
        });
        if (!isTrue(condition, new Set(best.map(({ name }) => name)))) continue;
        vector = best;
      }
      fired.push(vectorOf(vector));
    }
  }
  return fired;
}

function isTrue(condition: Condition, present: ReadonlySet<string>): boolean {
  if (typeof condition === 'string') return present.has(condition);
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : condition.of;
  const count = parts.reduce((sum, part) => sum + (isTrue(part, present) ? 1 : 0), 0);
  return count >= ('all' in condition ? parts.length : 'any' in condition ? 1 : condition.atLeast);
}

function fireReally(when: Condition, arrivals: readonly Arrival[]): string[] {
  const subscription = setSubscription({ a: {}, b: {}, c: {}, d: {} }, { when });
  const registry = compileRegistry('000001-a', setRegistry(names, [subscription]));
  const sets = new Map<string, InputSet>();
  const fired = new Map<number, string[]>();
  for (const one of arrivals) {
    const seal = sealOf(one.name, { watermark: watermarkOf(one), revision: one.revision });
    for (const step of arrivalsOf(decide(seal, { registry, nowMs: 0 }))) {
      const { set, decision } = step.advance(sets.get(step.set));
      sets.set(step.set, set);
      const inputs = decision.trigger?.inputs.map(({ outputPort, snapshot }) => ({
        name: outputPort.key.split('.')[2] as Arrival['name'], // the ports are named after the inputs
        day: one.day,
        hour: Number(snapshot.watermark.slice(12, 13)),
        revision: snapshot.revision,
      }));
      if (inputs) fired.set(one.day, [...(fired.get(one.day) ?? []), vectorOf(inputs)]);
    }
  }
  return [...(fired.get(10) ?? []), ...(fired.get(11) ?? [])];
}

describe('sets of inputs', () => {
  it('fire exactly what a naive model fires, over arrivals in any order, repeated and late', () => {
    fc.assert(
      fc.property(condition, fc.array(arrival, { maxLength: 24 }), (when, arrivals) => {
        expect(fireReally(when, arrivals)).toEqual(fireNaively(when, arrivals));
      }),
      { seed: 20_260_310, numRuns: 3_000 },
    );
  });

  it('never fire without every input their condition needs', () => {
    fc.assert(
      fc.property(condition, fc.subarray([...names]), (when, present) => {
        expect(holds(when, new Set(present))).toBe(isTrue(when, new Set(present)));
      }),
      { seed: 20_260_311, numRuns: 3_000 },
    );
  });

  it('name missing inputs that would make the condition hold', () => {
    fc.assert(
      fc.property(condition, fc.subarray([...names]), (when, present) => {
        const missing = findMissing(when, new Set(present));
        const reachable = isTrue(when, new Set(names));
        expect(missing !== undefined).toBe(reachable);
        if (missing) expect(isTrue(when, new Set([...present, ...missing]))).toBe(true);
      }),
      { seed: 20_260_312, numRuns: 3_000 },
    );
  });
});
