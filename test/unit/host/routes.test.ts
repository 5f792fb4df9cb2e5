import { describe, expect, it } from 'vitest';
import { isAllowed } from '../../../local/host/http/keys.js';
import { toPatterns } from '../../../local/host/http/route-template.js';

describe('Route templates', () => {
  it.each([
    ['items/{id}', ['/items/:id']],
    ['items/{id?}', ['/items', '/items/:id']],
    ['items/{id:int}', ['/items/:id(^-?\\d+$)']],
    ['files/{*path}', ['/files/*']],
  ])('%s', (template, patterns) => expect(toPatterns(template).patterns).toEqual(patterns));

  it('remember the name of a wildcard and refuse unknown constraints', () => {
    expect(toPatterns('files/{*path}').wildcard).toBe('path');
    expect(() => toPatterns('{x:fancy}')).toThrow(/fancy/);
  });
});

describe('Access keys', () => {
  const keys = { master: 'm', host: { default: 'h' }, functions: { f: { own: 'o' } } };

  it('open what their level allows', () => {
    const open = (key: string | undefined, level: string, name = 'f'): boolean => isAllowed(key, level, { name, keys });
    expect(open(undefined, 'anonymous')).toBe(true);
    expect(['m', 'h', 'o', 'x'].map((key) => open(key, 'function'))).toEqual([true, true, true, false]);
    expect(['m', 'h', 'o'].map((key) => open(key, 'admin'))).toEqual([true, false, false]);
    expect(open('o', 'function', 'g')).toBe(false);
    expect(open(undefined, 'function')).toBe(false);
  });
});
