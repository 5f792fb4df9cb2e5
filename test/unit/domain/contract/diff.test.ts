import { describe, expect, it } from 'vitest';
import type { ContractProperty } from '../../../../shared/contracts/registry/data-contract.js';
import { diffContracts } from '../../../../shared/domain/contract/diff.js';
import { judgeVersions } from '../../../../shared/domain/contract/version-truth.js';
import { column, contract } from './contracts.js';

const table = (columns: ContractProperty[]) => columns;
/** Changes as `kind code path`. */
function changes(before: ContractProperty[], after: ContractProperty[]): string[] {
  return toLines(diffContracts(contract(before), contract(after)).changes);
}
function toLines(list: readonly { kind: string; code: string; path: string }[]): string[] {
  return list.map(({ kind, code, path }) => `${kind} ${code} ${path}`);
}

describe('comparing two versions of a contract', () => {
  const cases: [string, ContractProperty[], ContractProperty[], string[]][] = [
    ['the same', table([column('a')]), table([column('a')]), []],
    ['a removed property', [column('a'), column('b')], [column('a')], ['breaking element-removed schema.orders.b']],
    [
      'a new property, also a required one',
      [column('a')],
      [column('a'), column('b', { required: true })],
      ['additive element-added schema.orders.b'],
    ],
    ['another type', [column('a')], [column('a', { logicalType: 'date' })], ['breaking type-changed schema.orders.a']],
    [
      'a number that became whole',
      [column('a', { logicalType: 'number' })],
      [column('a', { logicalType: 'integer' })],
      ['additive type-changed schema.orders.a'],
    ],
    [
      'a whole number that became any',
      [column('a', { logicalType: 'integer' })],
      [column('a', { logicalType: 'number' })],
      ['breaking type-changed schema.orders.a'],
    ],
    [
      'a property that may be empty now',
      [column('a', { required: true })],
      [column('a')],
      ['breaking required-dropped schema.orders.a'],
    ],
    [
      'a property that is never empty now',
      [column('a')],
      [column('a', { required: true })],
      ['additive required-added schema.orders.a'],
    ],
    ['lost uniqueness', [column('a', { unique: true })], [column('a')], ['breaking unique-dropped schema.orders.a']],
    [
      'another primary key',
      [column('a', { primaryKey: true })],
      [column('a')],
      ['breaking primary-key-changed schema.orders.a'],
    ],
    [
      'a longer text',
      [column('a', { logicalTypeOptions: { maxLength: 5 } })],
      [column('a', { logicalTypeOptions: { maxLength: 9 } })],
      ['breaking limit-widened schema.orders.a.maxLength'],
    ],
    [
      'a shorter text',
      [column('a', { logicalTypeOptions: { maxLength: 9 } })],
      [column('a', { logicalTypeOptions: { maxLength: 5 } })],
      ['additive limit-narrowed schema.orders.a.maxLength'],
    ],
    [
      'a limit taken away',
      [column('a', { logicalTypeOptions: { minimum: 1 } })],
      [column('a')],
      ['breaking limit-widened schema.orders.a.minimum'],
    ],
    [
      'a new limit',
      [column('a')],
      [column('a', { logicalTypeOptions: { pattern: '^x' } })],
      ['additive limit-narrowed schema.orders.a.pattern'],
    ],
    [
      'another pattern',
      [column('a', { logicalTypeOptions: { pattern: 'x' } })],
      [column('a', { logicalTypeOptions: { pattern: 'y' } })],
      ['breaking limit-widened schema.orders.a.pattern'],
    ],
    [
      'a value readers have not seen',
      [column('a', { enum: [{ value: 1 }] })],
      [column('a', { enum: [{ value: 1 }, { value: 2 }] })],
      ['breaking value-added schema.orders.a.enum'],
    ],
    [
      'a value no longer used',
      [column('a', { enum: [1, 2] })],
      [column('a', { enum: [1] })],
      ['additive value-removed schema.orders.a.enum'],
    ],
    [
      'a changed description',
      [column('a', { description: 'x' })],
      [column('a', { description: 'y' })],
      ['cosmetic description-changed schema.orders.a.description'],
    ],
    [
      'another physical type',
      [column('a', { physicalType: 'int' })],
      [column('a', { physicalType: 'bigint' })],
      ['cosmetic physical-detail-changed schema.orders.a.physicalType'],
    ],
    [
      'a quality rule that is gone',
      [column('a', { quality: [{ name: 'r', mustBe: 0 }] })],
      [column('a')],
      ['breaking promise-removed schema.orders.a.quality.r'],
    ],
    [
      'a quality rule that changed',
      [column('a', { quality: [{ name: 'r', mustBe: 0 }] })],
      [column('a', { quality: [{ name: 'r', mustBe: 5 }] })],
      ['breaking promise-weakened schema.orders.a.quality.r'],
    ],
    [
      'a change inside array items',
      [column('a', { logicalType: 'array', items: { logicalType: 'string' } })],
      [column('a', { logicalType: 'array', items: { logicalType: 'integer' } })],
      ['breaking type-changed schema.orders.a[]'],
    ],
    [
      'a change inside an object',
      [column('a', { logicalType: 'object', properties: [column('x')] })],
      [column('a', { logicalType: 'object', properties: [column('y')] })],
      ['breaking element-removed schema.orders.a.x', 'additive element-added schema.orders.a.y'],
    ],
    [
      'a change in a value of a map',
      [column('a', { logicalType: 'map', map: { key: column('k'), value: column('v') } })],
      [column('a', { logicalType: 'map', map: { key: column('k'), value: column('v', { logicalType: 'date' }) } })],
      ['breaking type-changed schema.orders.a{value}'],
    ],
    ['another order', [column('a'), column('b')], [column('b'), column('a')], []],
  ];
  it.each(cases)('tells what %s means', (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  const levels: [string, object, object, string[]][] = [
    ['slower', { value: 1, unit: 'd' }, { value: 36, unit: 'h' }, ['breaking promise-weakened slaProperties.latency']],
    [
      'faster',
      { value: 1, unit: 'd' },
      { value: 12, unit: 'hours' },
      ['additive promise-strengthened slaProperties.latency'],
    ],
    [
      'the same in other units',
      { value: 1, unit: 'd' },
      { value: 24, unit: 'h' },
      ['cosmetic promise-reworded slaProperties.latency'],
    ],
    [
      'in a unit nobody knows',
      { value: 1, unit: 'd' },
      { value: 1, unit: 'moon' },
      ['breaking promise-weakened slaProperties.latency'],
    ],
  ];
  it.each(levels)('compares service levels: %s', (_, before, after, expected) => {
    const [from, to] = [before, after].map((level) =>
      contract([], { slaProperties: [{ property: 'latency', ...level }] }),
    );
    expect(toLines(diffContracts(from!, to!).changes)).toEqual(expected);
  });

  it('takes another id for another contract', () => {
    const result = diffContracts(contract([]), contract([], { id: 'other', version: '1.0.1' }));
    expect(toLines(result.changes)).toEqual(['breaking other-contract id']);
    expect(result.judgement).toMatchObject({ verdict: 'understated', needed: 'major' });
  });
});

describe('judging a version number', () => {
  const of = (kind: 'breaking' | 'additive' | 'cosmetic') => [{ kind, code: 'x', path: 'x', message: 'x' }];
  const cases: [string, string, ReturnType<typeof of> | [], object][] = [
    ['1.2.3', '2.0.0', of('breaking'), { verdict: 'honest', needed: 'major', actual: 'major' }],
    ['1.2.3', '1.3.0', of('breaking'), { verdict: 'understated', needed: 'major', actual: 'minor' }],
    ['1.2.3', '1.3.0', of('additive'), { verdict: 'honest', needed: 'minor', actual: 'minor' }],
    ['1.2.3', '1.2.4', of('additive'), { verdict: 'understated', needed: 'minor', actual: 'patch' }],
    ['1.2.3', '2.0.0', of('additive'), { verdict: 'overstated', needed: 'minor', actual: 'major' }],
    ['1.2.3', '1.2.4', of('cosmetic'), { verdict: 'honest', needed: 'patch', actual: 'patch' }],
    ['1.2.3', '1.2.3', of('cosmetic'), { verdict: 'understated', needed: 'patch', actual: 'none' }],
    ['1.2.3', '1.2.3', [], { verdict: 'honest', needed: 'none', actual: 'none' }],
    ['1.2.3', '1.2.4', [], { verdict: 'overstated', needed: 'none', actual: 'patch' }],
    ['1.2.3', '1.2.2', [], { verdict: 'understated', needed: 'none', actual: 'none' }],
    ['2.0.0', '1.0.0', of('breaking'), { verdict: 'understated', needed: 'major', actual: 'none' }],
    ['0.4.0', '0.5.0', of('breaking'), { verdict: 'honest', needed: 'minor', actual: 'minor' }],
    ['0.4.0', '0.4.1', of('breaking'), { verdict: 'understated', needed: 'minor', actual: 'patch' }],
    ['v1.0.0', 'v2.0.0', of('breaking'), { verdict: 'honest', needed: 'major', actual: 'major' }],
    ['1.0.0', 'latest', of('cosmetic'), { verdict: 'understated', needed: 'patch', actual: 'none' }],
  ];
  it.each(cases)('%s to %s with %o is %o', (from, to, list, expected) => {
    expect(judgeVersions(from, to, list)).toMatchObject(expected);
  });
});
