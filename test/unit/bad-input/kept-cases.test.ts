import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toSafeText } from '../../../shared/domain/safe-text.js';
import { buildSent } from '../../support/bad-input/build-sent.js';
import { readBadInput } from '../../support/bad-input/cases.js';
import { snapshotPrototypes } from '../../support/bad-input/prototypes.js';
import { runCase } from '../../support/bad-input/run-case.js';

const cases = readBadInput();
const prototypes = snapshotPrototypes();
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);
beforeAll(() => process.on('unhandledRejection', onRejection));
afterAll(() => process.off('unhandledRejection', onRejection));

describe('the kept cases of bad input', () => {
  it('are many, and each has a name of its own', () => {
    expect(new Set(cases.map((one) => one.class)).size).toBeGreaterThanOrEqual(60);
    expect(cases.length).toBeGreaterThanOrEqual(250);
    const names = cases.map((one) => `${one.class}: ${one.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe.each([...new Set(cases.map((one) => one.class))])('%s', (name) => {
  it.each(cases.filter((one) => one.class === name).map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const end = await runCase(buildSent(one), (one.before ?? []).map(buildSent));

    const { records, outcome } = end;
    expect({ outcome, reason: records[0]?.reason }).toEqual({
      outcome: one.accepted ?? 'quarantined',
      reason: one.reason,
    });
    if (one.at !== undefined) expect(records[0]?.problems[0]?.path).toBe(one.at);
    for (const { path, message } of records[0]?.problems ?? []) {
      expect(message).toMatch(/\S/);
      expect([path, message]).toEqual([toSafeText(path), toSafeText(message)]);
    }
    expect(end.neighbourFired).toBe(true);
    expect(snapshotPrototypes()).toBe(prototypes);
    expect(rejections).toEqual([]);
  });
});
