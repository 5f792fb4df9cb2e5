import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJsonShape } from '../../../shared/domain/decode/json-guard.js';
import { countMembers } from '../../../shared/domain/decode/member-count.js';

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

  it('is refused for a bad name also when the name comes again', () => {
    const [first, second] = [check('{"constructor":1}'), check('{"constructor":1}')];

    expect(first?.reason).toBe('forbidden-key');
    expect(second).toEqual(first);
  });
});
