import { describe, expect, it } from 'vitest';
import type { ContractProperty } from '../../../../shared/contracts/registry/data-contract.js';
import { toSchemaHash } from '../../../../shared/domain/contract/schema-hash.js';
import { SchemaError } from '../../../../shared/domain/contract/schema-tree.js';
import { column, contract } from './contracts.js';

const nested = (inner: ContractProperty[]): ContractProperty =>
  column('lines', { logicalType: 'array', items: { logicalType: 'object', properties: inner } });
const base = [column('id', { required: true, primaryKey: true }), column('amount'), nested([column('sku')])];
const hash = (columns: ContractProperty[], rest?: Record<string, unknown>): string =>
  toSchemaHash(contract(columns, rest));

describe('the schema hash', () => {
  const same: [string, ContractProperty[], Record<string, unknown>?][] = [
    ['the order of properties', [...base].reverse()],
    [
      'descriptions, tags and examples',
      base.map((each) => ({ ...each, description: 'x', tags: ['t'], examples: [1] })),
    ],
    ['physical names and types', base.map((each) => ({ ...each, physicalName: 'X', physicalType: 'varchar(9)' }))],
    [
      'the position of a key of one part',
      [column('id', { required: true, primaryKey: true, primaryKeyPosition: 1 }), ...base.slice(1)],
    ],
    ['false and absent flags', [base[0]!, column('amount', { required: false, primaryKey: false }), base[2]!]],
    ['null where nothing is said', [base[0]!, column('amount', { required: null, properties: null }), base[2]!]],
    ['the name of array items', [base[0]!, base[1]!, { ...base[2]!, items: { ...base[2]!.items, name: 'line' } }]],
    [
      'id, version, quality and service levels',
      base,
      { id: 'x', version: '9.0.0', slaProperties: [{ property: 'latency', value: 1, unit: 'd' }], quality: [] },
    ],
    ['members nobody knows', base.map((each) => ({ ...each, 'x-anything': { deep: true } }))],
  ];
  it.each(same)('does not depend on %s', (_, columns, rest) => {
    expect(hash(columns, rest)).toBe(hash(base));
  });

  const other: [string, ContractProperty[]][] = [
    ['a name', [column('ID', { required: true, primaryKey: true }), ...base.slice(1)]],
    ['a logical type', [base[0]!, column('amount', { logicalType: 'number' }), base[2]!]],
    ['required', [base[0]!, column('amount', { required: true }), base[2]!]],
    ['the primary key', [base[0]!, column('amount', { primaryKey: true }), base[2]!]],
    ['one more property', [...base, column('note')]],
    ['a property inside array items', [base[0]!, base[1]!, nested([column('sku'), column('qty')])]],
    ['nesting', [base[0]!, base[1]!, column('lines', { logicalType: 'object', properties: [column('sku')] })]],
  ];
  it.each(other)('changes with %s', (_, columns) => {
    expect(hash(columns)).not.toBe(hash(base));
  });

  it('changes with the order of a primary key of several parts', () => {
    const key = (a: number, b: number) => [
      column('a', { primaryKey: true, primaryKeyPosition: a }),
      column('b', { primaryKey: true, primaryKeyPosition: b }),
    ];
    expect(hash(key(1, 2))).not.toBe(hash(key(2, 1)));
  });

  it('takes names listed as required by the enclosing object for required', () => {
    const listed = {
      name: 'o',
      logicalType: 'object',
      logicalTypeOptions: { required: ['a'] },
      properties: [column('a')],
    };
    const own = { name: 'o', logicalType: 'object', properties: [column('a', { required: true })] };
    expect(hash([listed])).toBe(hash([own]));
  });

  it('keeps names apart that only look alike in an object of JavaScript', () => {
    expect(hash([column('__proto__')])).not.toBe(hash([]));
    expect(hash([column('constructor')])).not.toBe(hash([column('prototype')]));
  });

  it('refuses a name that occurs twice and a property without one', () => {
    expect(() => hash([column('a'), column('a')])).toThrow(SchemaError);
    expect(() => hash([{ logicalType: 'string' }])).toThrow(/has no name/);
  });
});
