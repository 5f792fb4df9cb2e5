import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toInstantText, toReceiptMs } from '../../../shared/domain/instant.js';

const mostMs = 8.64e15;

describe('instants', () => {
  it('are written as toISOString does', () => {
    const someDay = fc.integer({ min: Date.UTC(1960, 0, 1), max: Date.UTC(2100, 0, 1) });
    const anyDay = fc.integer({ min: -mostMs, max: mostMs });
    const fraction = fc.double({ min: -1e12, max: 1e12, noNaN: true });

    fc.assert(
      fc.property(fc.oneof(someDay, anyDay, fraction), (ms) => {
        expect(toInstantText(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it.each([-1, 0, 86_399_999, -0.5, -mostMs, mostMs, Date.UTC(2024, 1, 29, 23, 59, 59, 999)])('at %d too', (ms) => {
    expect(toInstantText(ms)).toBe(new Date(ms).toISOString());
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are not made of %d', (ms) => {
    expect(() => toInstantText(ms)).toThrow(RangeError);
  });

  it('are read as Date.parse does', () => {
    expect(toReceiptMs('2026-03-11T02:00:00.000Z')).toBe(Date.UTC(2026, 2, 11, 2));
    expect(toReceiptMs('no time')).toBeNaN();
  });
});
