import { describe, expect, it, vi } from 'vitest';
import { remember } from '../../../shared/domain/remember.js';

describe('remember', () => {
  it('derives an answer once', () => {
    const derive = vi.fn((key: string) => key.length);
    const length = remember(2, derive);

    expect([length('a'), length('bb'), length('a')]).toEqual([1, 2, 1]);
    expect(derive).toHaveBeenCalledTimes(2);
  });

  it('starts anew when it would know more than it may', () => {
    const derive = vi.fn((key: number) => key * 2);
    const double = remember(2, derive);
    [1, 2, 3].forEach(double);
    derive.mockClear();

    expect([double(3), double(1)]).toEqual([6, 2]);
    expect(derive.mock.calls).toEqual([[1]]);
  });
});
