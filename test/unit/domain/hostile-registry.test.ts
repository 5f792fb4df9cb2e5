import { describe, expect, it } from 'vitest';
import { checkRegistry } from '../../../shared/domain/registry/check-registry.js';
import { readRegistryEntries } from '../../../shared/domain/registry/read-entries.js';
import { registryDocument, subscription } from '../../fixtures/events.js';
import { hostileEntries } from '../../fixtures/hostile-registry.js';

describe('hostile registry input', () => {
  it.each(hostileEntries)('is refused with one reason: %s', (_, make, expected) => {
    const read = readRegistryEntries([{ file: 'f.yaml', value: make(), lineOf: () => 1 }]);
    expect(read.problems.map(({ code, path }) => `${code} ${path}`)).toEqual([expected]);
    const [problem] = read.problems;
    expect(problem!.message.length).toBeLessThan(400);
    expect(problem!.fix).not.toBe('');
    expect(read.document.products).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is not walked further than its first fault', () => {
    let touched = 0;
    const watched = (value: object): object =>
      new Proxy(value, {
        ownKeys(target) {
          touched += 1;
          return Reflect.ownKeys(target);
        },
      });
    const value = {
      kind: 'DataProduct',
      deep: Array.from({ length: 4_000 }, () => watched({ a: 1 })),
      wide: new Array(10_000).fill(0),
    };
    readRegistryEntries([{ file: 'f.yaml', value, lineOf: () => 1 }]);
    expect(touched).toBe(0);
  });

  it('in a stored document is refused before a range reaches its parser', () => {
    const [problem, ...others] = checkRegistry(registryDocument([subscription({ versions: '1'.repeat(1_000_000) })]));
    expect(problem).toMatchObject({ code: 'invalid-range' });
    expect(problem!.message.length).toBeLessThan(100);
    expect(others).toEqual([]);
  });
});
