import { describe, expect, it, vi } from 'vitest';
import { remember, toShared } from '../../../shared/domain/remember.js';
import { rememberNames } from '../../../shared/domain/remember-names.js';

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

describe('lists that come again', () => {
  it.each<[string, string[]]>([
    ['is one object for equal lists', ['a', 'b']],
    ['keeps an empty list', []],
    ['keeps a list of one empty line', ['']],
    ['keeps a long list', ['a', 'b', 'c', 'd', 'e']],
  ])('%s', (_, list) => {
    expect(toShared([...list])).toEqual(list);
  });

  it('is the same object for short lists', () => {
    expect(toShared(['a', 'b'])).toBe(toShared(['a', 'b']));
    expect(toShared(['a', 'b'])).not.toBe(toShared(['b', 'a']));
  });
});

describe('names that come again', () => {
  it('are derived from once, in the order in which they are written', () => {
    const derive = vi.fn((names: readonly string[]) => names.join());
    const joined = rememberNames(derive);
    const lists = [['a', 'b'], ['a', 'b'], ['b', 'a'], ['a'], [], [], ['a']];

    expect(lists.map(joined)).toEqual(lists.map((names) => names.join()));
    expect(derive).toHaveBeenCalledTimes(4);
  });

  it('are right also when there are more than are kept', () => {
    const joined = rememberNames((names) => names.join());
    const lists = Array.from({ length: 3_000 }, (_, index) => [
      index % 7 === 0 ? 'same' : `n${index % 1_500}`,
      `m${index}`,
    ]);

    expect(lists.map(joined)).toEqual(lists.map((names) => names.join()));
    expect(lists.map(joined)).toEqual(lists.map((names) => names.join()));
  });
});
