import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJsonShape } from '../../../shared/domain/decode/json-guard.js';
import { countMembers, toShortestLength } from '../../../shared/domain/decode/member-count.js';

const check = (text: string) => checkJsonShape({ bytes: Buffer.from(text), text, value: JSON.parse(text) });

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce<number>((sum, member) => sum + countOf(member), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

describe('the shape of JSON', () => {
  it('has as many members as its value, whatever its texts hold', () => {
    const unit = fc.constantFrom(...'":\\{}[],u0 aé😀\n');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, stringUnit: unit }), (value) => {
        expect(countMembers(Buffer.from(JSON.stringify(value)))).toBe(countOf(value));
      }),
    );
  });

  it('is refused for a member given twice, however the text is written', () => {
    const unit = fc.constantFrom(...'":\\{}[],u0 aé😀\n');
    const text = fc.jsonValue({ maxDepth: 2, stringUnit: unit }).map((value) => JSON.stringify(value));
    const number = fc.constantFrom(
      '0',
      '-0',
      '1e2',
      '1e5',
      '100000',
      '998e-3',
      '0.998',
      '1e-2',
      '0.001',
      '1e-3',
      '1.0',
    );
    fc.assert(
      fc.property(fc.oneof(text, number), fc.oneof(text, number), fc.constantFrom('', ' '), (first, second, space) => {
        const once = check(`{"a":${first},${space}"b":${second}}`);
        const twice = check(`{"b":${first},"a":${first},${space}"b":${second}}`);
        expect(once?.reason).not.toBe('duplicate-member');
        if (once === undefined) expect(twice?.reason).toBe('duplicate-member');
      }),
      { numRuns: 1_000 },
    );
  });

  it('knows no number whose text is shorter than it says', () => {
    const digits = fc.integer({ min: 0, max: 99_999 });
    fc.assert(
      fc.property(digits, fc.integer({ min: -12, max: 12 }), fc.boolean(), (mantissa, exponent, negative) => {
        const text = `${negative ? '-' : ''}${mantissa}${exponent === 0 ? '' : `e${exponent}`}`;
        const number = Number(JSON.parse(text));
        expect(toShortestLength(number)).toBeLessThanOrEqual(Math.min(text.length, String(number).length));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused for a bad name also when the name comes again', () => {
    const [first, second] = [check('{"constructor":1}'), check('{"constructor":1}')];

    expect(first?.reason).toBe('forbidden-key');
    expect(second).toEqual(first);
  });
});
