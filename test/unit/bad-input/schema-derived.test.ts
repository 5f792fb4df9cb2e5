import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../shared/domain/decode/decode-event.js';
import { listSchemaMutations } from '../../support/bad-input/schema-mutations.js';

const mutations = listSchemaMutations();

describe('every member of every kind of event, changed in every way its schema knows', () => {
  it('is accepted exactly when the schema allows it, and otherwise refused by its path', () => {
    expect(mutations.length).toBeGreaterThan(500);
    const surprises = mutations.filter(({ event, path, valid }) => {
      const decoded = decodeEvent(Buffer.from(JSON.stringify(event)), {});
      if (decoded.ok || valid) return decoded.ok !== valid;
      const paths = decoded.problems.map((problem) => problem.path);
      const named = paths.some((each) => each === path || each.startsWith(`${path}.`));
      return (
        !named || !['invalid-event', 'unknown-event-type', 'too-complex', 'unsafe-number'].includes(decoded.reason)
      );
    });
    expect(surprises.map(({ name }) => name)).toEqual([]);
  });
});
