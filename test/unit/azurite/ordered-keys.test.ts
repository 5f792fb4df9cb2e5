import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedKeys } from '../../../local/azurite/tables/ordered-keys.js';

/** So many keys make runs of every length there is. */
const many = 150_000;
const toKey = (n: number): string => `k!${String((n * 7_919) % many).padStart(6, '0')}`;

describe('keys in order', () => {
  it('are those of a sorted set, whatever comes and goes', () => {
    const key = fc.string({ maxLength: 3, unit: fc.constantFrom('1', '2', 'x', '!', '\uffff', '\u{1f600}') });
    fc.assert(
      fc.property(fc.array(fc.record({ key, gone: fc.boolean() })), key, (steps, first) => {
        const [keys, plain] = [new OrderedKeys(), new Set<string>()];
        for (const step of steps) {
          if (step.gone && plain.delete(step.key)) keys.delete(step.key);
          else if (!step.gone && !plain.has(step.key)) keys.add([...plain.add(step.key)].at(-1) ?? '');
        }
        expect([...keys.from(first)]).toEqual([...plain].sort().filter((each) => each >= first));
      }),
    );
  });

  it('are the same for many, from any place on, and when every third is taken out', () => {
    const keys = new OrderedKeys();
    for (let n = 0; n < many; n += 1) keys.add(toKey(n));
    const sorted = Array.from({ length: many }, (_, n) => toKey(n)).sort();
    expect([...keys.from('')]).toEqual(sorted);
    expect([...keys.from(sorted[many - 3] ?? '')]).toEqual(sorted.slice(-3));

    for (let n = 0; n < many; n += 3) keys.delete(toKey(n));
    const left = Array.from({ length: many }, (_, n) => n).filter((n) => n % 3 !== 0);
    expect([...keys.from('')]).toEqual(left.map(toKey).sort());

    for (let n = 0; n < many; n += 3) keys.add(toKey(n));
    expect([...keys.from('')]).toEqual(sorted);
  });

  it('may be left before their end', () => {
    const keys = new OrderedKeys();
    for (let n = 0; n < many; n += 1) keys.add(toKey(n));
    const first: string[] = [];
    for (const key of keys.from('k!1')) {
      if (first.length === 2) break;
      first.push(key);
    }
    expect(first).toEqual(['k!100000', 'k!100001']);
  });
});
