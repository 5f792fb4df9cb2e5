import { describe, expect, it } from 'vitest';
import { DataContract } from '../../../shared/contracts/registry/data-contract.js';
import { toSchemaHash } from '../../../shared/domain/contract/schema-hash.js';
import { compileRegistry, wishesFor } from '../../../shared/domain/compiled-registry.js';
import { checkRegistry } from '../../../shared/domain/registry/check-registry.js';
import { readRegistryEntries } from '../../../shared/domain/registry/read-entries.js';
import { toRegistryView } from '../../../shared/domain/registry/registry-view.js';
import { toSlug } from '../../../shared/domain/registry/standards/derived-keys.js';
import { subscription } from '../../fixtures/events.js';
import { standardContract, standardProduct } from '../../fixtures/standards.js';

const read = (...values: unknown[]) =>
  readRegistryEntries(
    values.map((value, n) => ({
      file: `f${n}.yaml`,
      value,
      lineOf: ([, index]) => (index === undefined ? 1 : 10 + Number(index)),
    })),
  );
const view = (...values: unknown[]) => toRegistryView(read(...values).document);
const withProperty = (property: string, value: unknown) => ({ customProperties: [{ property, value }] });
const codes = (...values: unknown[]): string[] => {
  const { document, locate, problems } = read(...values);
  return [...problems, ...checkRegistry(document, locate)].map((each) => `${each.severity} ${each.code} ${each.path}`);
};
const versions = [standardContract(), standardContract({ version: '1.1.0', description: { purpose: 'more' } })];

describe('documents in the shape of the open standards', () => {
  it('become products and ports whose versions follow contracts', () => {
    const { products, ports } = view(standardProduct(), ...versions);
    expect(products).toEqual([
      {
        kind: 'DataProduct',
        key: 'dp.sales-service.customer-orders',
        owner: 'ada@example.org',
        description: 'Every order of every customer.',
      },
    ]);
    const schemaHash = toSchemaHash(DataContract.parse(standardContract()));
    const promise = { schemaHash, ruleset: 'orders@4', contractId: 'c-orders', sla: { freshnessMinutes: 120 } };
    expect(ports.map(({ key, contracts }) => [key, contracts])).toEqual([
      [
        'op.sales-service.customer-orders.daily-orders',
        [
          { version: '1.0.0', ...promise },
          { version: '1.1.0', ...promise },
        ],
      ],
      ['op.sales-service.customer-orders.returns', []],
    ]);
  });

  it('are kept as written, with every member', () => {
    expect(read(standardProduct(), ...versions).document.standards).toEqual([...versions, standardProduct()]);
  });

  it('name what they leave open, with file and line, and are accepted', () => {
    const { document, locate } = read(standardProduct(), ...versions);
    expect(checkRegistry(document, locate)).toMatchObject([
      {
        severity: 'warning',
        code: 'unresolved-contract',
        file: 'f0.yaml',
        line: 12,
        path: 'outputPorts[2].contractId',
      },
    ]);
  });

  it('can be subscribed to like any port', () => {
    const port = 'op.sales-service.customer-orders.daily-orders';
    const wish = subscription({ port, versions: '^1' });
    const consumer = { kind: 'DataProduct', key: 'dp.finance.revenue', owner: 'team' };
    const { document } = read(standardProduct(), ...versions, consumer, wish);
    expect(checkRegistry(document).filter(({ severity }) => severity === 'error')).toEqual([]);
    const compiled = compileRegistry('000001-a', document);
    const [own] = wishesFor(compiled, port);
    expect([...(own?.input.acceptedSchemaHashes ?? [])]).toEqual([
      toSchemaHash(DataContract.parse(standardContract())),
    ]);
  });

  it('take explicit custom properties before anything derived', () => {
    const product = standardProduct({
      customProperties: [
        { property: 'outportKey', value: 'dp.sales.orders' },
        { property: 'outportOwner', value: 'team-orders' },
        { property: 'outportLayer', value: 'gold' },
      ],
      outputPorts: [
        { name: 'x', version: '1.0.0', contractId: 'c-orders', ...withProperty('outportKey', 'op.sales.orders.daily') },
      ],
    });
    const contract = standardContract(withProperty('outportSchemaHash', 'sha256:0123456789abcdef'));
    const { products, ports } = view(product, contract);
    expect(products[0]).toMatchObject({ key: 'dp.sales.orders', owner: 'team-orders', layer: 'gold' });
    expect(ports[0]).toMatchObject({
      key: 'op.sales.orders.daily',
      contracts: [{ schemaHash: 'sha256:0123456789abcdef' }],
    });
  });

  it('take the team of version 1.1 of the product standard', () => {
    const { products } = view(standardProduct({ apiVersion: 'v1.1.0', team: { name: 'team-orders', members: [] } }));
    expect(products[0]?.owner).toBe('team-orders');
  });

  const one = { outputPorts: [{ name: 'p', version: '1.0.0', contractId: 'c-orders' }] };
  const cases: [string, unknown[], string[]][] = [
    ['no domain', [standardProduct({ domain: undefined, ...one }), standardContract()], ['error no-key domain']],
    [
      'a name in no letters we can use',
      [standardProduct({ name: '注文', ...one }), standardContract()],
      ['error no-key domain'],
    ],
    [
      'an explicit key of another form',
      [standardProduct({ ...withProperty('outportKey', 'Orders'), ...one }), standardContract()],
      ['error no-key customProperties'],
    ],
    ['nobody who owns it', [standardProduct({ team: [], ...one }), standardContract()], ['error no-owner team']],
    [
      'a port version that is none',
      [
        standardProduct({ outputPorts: [{ name: 'p', version: 'latest', contractId: 'c-orders' }] }),
        standardContract(),
      ],
      ['error invalid-version outputPorts[0].version'],
    ],
    [
      'a port key outside the product',
      [
        standardProduct({ outputPorts: [{ ...one.outputPorts[0], ...withProperty('outportKey', 'op.other.x.p') }] }),
        standardContract(),
      ],
      ['error port-outside-product dataProduct'],
    ],
    [
      'a contract in versions of which none fits',
      [standardProduct({ outputPorts: [{ name: 'p', version: '3.0.0', contractId: 'c-orders' }] }), ...versions],
      ['warning unresolved-contract outputPorts[0].contractId'],
    ],
    [
      'one contract version twice',
      [standardProduct(one), standardContract(), standardContract()],
      ['error duplicate-contract version'],
    ],
    [
      'a schema with a name twice',
      [standardProduct(one), standardContract({ schema: [{ name: 'a' }, { name: 'a' }] })],
      ['error invalid-schema schema'],
    ],
    [
      'a contract of another standard version',
      [standardProduct(one), standardContract({ apiVersion: 'v2.2.2' })],
      ['error invalid-entry apiVersion', 'warning unresolved-contract outputPorts[0].contractId'],
    ],
    [
      'a version number that hides a change',
      [standardProduct(one), standardContract(), standardContract({ version: '1.0.1', schema: [] })],
      ['warning understated-version version'],
    ],
    [
      'a key that is declared here too',
      [
        standardProduct({ ...withProperty('outportKey', 'dp.sales.orders'), ...one }),
        standardContract(),
        { kind: 'DataProduct', key: 'dp.sales.orders', owner: 'x' },
      ],
      ['error duplicate-key key'],
    ],
  ];
  it.each(cases)('report %s', (_, values, expected) => {
    expect(codes(...values)).toEqual(expected);
  });

  it.each([
    ['Käufe (EU)', 'kaufe-eu'],
    ['  --Daily__Orders--  ', 'daily-orders'],
    ['Ⅷ Sales', 'viii-sales'],
    ['注文', ''],
  ])('make %j into %j', (name, slug) => {
    expect(toSlug(name)).toBe(slug);
  });
});
