import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCanonicalJson } from '../../../shared/domain/canonical-json.js';
import { sealedEvent } from '../../fixtures/events.js';

describe('canonical JSON', () => {
  it.each<[string, unknown]>([
    ['an event', sealedEvent()],
    [
      'members that need sorting by UTF-16 code units',
      { b: 1, a: 2, é: 3, '\u20ac': 4, '\ud83d\ude00': 5, '\ufb33': 6, '1': 7 },
    ],
    ['text that needs escapes', { text: 'a"b\\c\n\t\u0000\u007f\u2028é😀', '"key"\n': '' }],
    ['numbers of every form', [0, -0, 1e21, 1e-7, 0.1 + 0.2, -1.5e300, 333333333.33333329, Number.MAX_SAFE_INTEGER]],
    ['literals and empty things', [true, false, null, '', [], {}, [[]], { a: {} }]],
    ['members that are undefined', { a: undefined, b: 1, c: undefined }],
  ])('writes %s as the reference library does', (_, value) => {
    expect(toCanonicalJson(value)).toBe(canonicalize(value));
  });

  it('writes whatever JSON.parse returns as the reference library does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' }), (value) => {
        expect(toCanonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });
});
