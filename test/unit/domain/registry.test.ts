import { describe, expect, it } from 'vitest';
import type { OutputPortEntry, RegistryDocument, SubscriptionEntry } from '../../../shared/contracts/registry.js';
import { checkRegistry } from '../../../shared/domain/registry/check-registry.js';
import {
  fromRegistryVersion,
  planRegistry,
  toConsumers,
  toRegistryVersion,
} from '../../../shared/domain/registry/plan.js';
import { readRegistryEntries } from '../../../shared/domain/registry/read-entries.js';
import { registryDocument, schemaV2, subscription } from '../../fixtures/events.js';

const codes = (document: RegistryDocument): string[] =>
  checkRegistry(document).map(({ severity, code }) => `${severity} ${code}`);

const port = (key: string, overrides: Partial<OutputPortEntry> = {}): OutputPortEntry => {
  const [, domain, product] = key.split('.');
  return {
    kind: 'OutputPort',
    key,
    dataProduct: `dp.${domain}.${product}`,
    contracts: [{ version: '1.0.0', schemaHash: schemaV2 }],
    ...overrides,
  };
};

/** Products `dp.ring.p0 …` where each consumes the one before, from the given pairs. */
function chainOf(
  edges: readonly [number, number][],
  stageOf: (edge: number) => string = () => 'prod',
): RegistryDocument {
  const ids = [...new Set(edges.flat())];
  return {
    products: ids.map((id) => ({ kind: 'DataProduct', key: `dp.ring.p${id}`, owner: 'team' })),
    ports: ids.map((id) => port(`op.ring.p${id}.out`)),
    subscriptions: edges.map(([from, to], index) =>
      subscription({
        key: `sub.ring.p${to}.s${index}`,
        consumer: `dp.ring.p${to}`,
        port: `op.ring.p${from}.out`,
        stage: stageOf(index),
        versions: '*',
      }),
    ),
  };
}

describe('checking a registry', () => {
  it('accepts one whose references all resolve', () => {
    expect(codes(registryDocument())).toEqual([]);
  });

  const given = registryDocument();
  const [orders] = given.ports;
  const cases: [string, RegistryDocument, string[]][] = [
    [
      'a key declared twice',
      { ...given, products: [...given.products, ...given.products.slice(0, 1)] },
      ['error duplicate-key'],
    ],
    [
      'a port whose key names another product',
      { ...given, ports: [...given.ports, port('op.sales.returns.daily', { dataProduct: 'dp.sales.orders' })] },
      ['error port-outside-product'],
    ],
    [
      'a port of a product that is not declared',
      { ...given, ports: [...given.ports, port('op.sales.returns.daily')] },
      ['error unknown-data-product'],
    ],
    [
      'a contract version declared twice',
      { ...given, ports: [{ ...orders!, contracts: [...orders!.contracts, ...orders!.contracts.slice(0, 1)] }] },
      ['error duplicate-version'],
    ],
    [
      'a consumer that is not declared',
      registryDocument([subscription({ key: 'sub.hr.pay.orders', consumer: 'dp.hr.pay' })]),
      ['error unknown-data-product'],
    ],
    [
      'a subscription whose key names another product than its consumer',
      registryDocument([subscription({ key: 'sub.sales.orders.own' })]),
      ['error subscription-outside-consumer'],
    ],
    [
      'a subscription on a port that is not declared yet',
      registryDocument([subscription({ port: 'op.sales.leads.daily' })]),
      ['warning unresolved-port'],
    ],
    [
      'a range that no contract version is in',
      registryDocument([subscription({ versions: '^9' })]),
      ['warning no-version-in-range'],
    ],
    ['a range that is none', registryDocument([subscription({ versions: 'two' })]), ['error invalid-range']],
    ['a blank range', registryDocument([subscription({ versions: ' ' })]), ['error invalid-range']],
    [
      'a range longer than the limit, even if it would parse',
      registryDocument([subscription({ versions: `^2.1${' || ^2.1'.repeat(5_000)}` })]),
      ['error invalid-range'],
    ],
  ];
  it.each(cases)('reports %s', (_, document, expected) => {
    expect(codes(document)).toEqual(expected);
  });

  it('says where the first of two entries with one key stands', () => {
    const entries = readRegistryEntries([source('a.yaml', 4), source('b.yaml', 9)]);
    const [problem] = checkRegistry(entries.document, entries.locate);
    expect(problem).toMatchObject({ file: 'b.yaml', line: 9, key: 'dp.sales.orders', path: 'key' });
    expect(problem?.message).toContain('a.yaml:4');
  });

  function source(file: string, line: number) {
    return { file, value: { kind: 'DataProduct', key: 'dp.sales.orders', owner: 'team' }, lineOf: () => line };
  }
});

describe('consumption that runs in a circle', () => {
  it('refuses a product that consumes itself', () => {
    const [problem] = checkRegistry(chainOf([[0, 0]]));
    expect(problem).toMatchObject({ code: 'self-consumption', severity: 'error' });
    expect(problem?.message).toContain('dp.ring.p0 -> op.ring.p0.out -> dp.ring.p0');
  });

  it('prints the cycle with the subscriptions that make it', () => {
    const [problem, ...others] = checkRegistry(
      chainOf([
        [0, 1],
        [1, 2],
        [2, 0],
      ]),
    );
    expect(others).toEqual([]);
    expect(problem?.message).toBe(
      'consumption runs in a circle in stage prod: dp.ring.p0 -> op.ring.p0.out -> dp.ring.p1 -> op.ring.p1.out -> ' +
        'dp.ring.p2 -> op.ring.p2.out -> dp.ring.p0 (made by sub.ring.p1.s0, sub.ring.p2.s1, sub.ring.p0.s2)',
    );
  });

  it('chooses the shortest of several cycles through the same products', () => {
    const [problem] = checkRegistry(
      chainOf([
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
        [3, 2],
      ]),
    );
    expect(problem?.message).toMatch(/(made by sub\.ring\.p\d\.s[24], sub\.ring\.p\d\.s[24])/);
  });

  it('reports each separate cycle once', () => {
    const document = chainOf([
      [0, 1],
      [1, 0],
      [2, 3],
      [3, 2],
      [1, 2],
    ]);
    expect(codes(document)).toEqual(['error cycle', 'error cycle']);
  });

  it('finds none where the stages differ, or where paths only meet again', () => {
    const twoStages: [number, number][] = [
      [0, 1],
      [1, 0],
    ];
    const diamond: [number, number][] = [
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
    ];
    expect(codes(chainOf(twoStages, (edge) => (edge === 0 ? 'dev' : 'prod')))).toEqual([]);
    expect(codes(chainOf(diamond))).toEqual([]);
  });

  it('handles a cycle of 100,000 products without overflowing the stack, in a message of bearable length', () => {
    const ring = Array.from({ length: 100_000 }, (_, id): [number, number] => [id, (id + 1) % 100_000]);
    const problems = checkRegistry(chainOf(ring));
    expect(problems.map(({ code }) => code)).toEqual(['cycle']);
    expect(problems[0]?.message.length).toBeLessThan(4_000);
    expect(problems[0]?.message).toContain('more)');
  });

  it('handles an acyclic chain of 100,000 products', () => {
    const chain = Array.from({ length: 100_000 }, (_, id): [number, number] => [id, id + 1]);
    expect(checkRegistry(chainOf(chain))).toEqual([]);
  });
});

describe('planning an apply', () => {
  it('names what is added, changed and removed', () => {
    const before = registryDocument([subscription(), subscription({ key: 'sub.finance.revenue.gone' })]);
    const changed: SubscriptionEntry = subscription({ versions: '^3' });
    const after = registryDocument([changed, subscription({ key: 'sub.finance.revenue.more' })]);
    const plan = planRegistry(before, after);
    expect(plan.added.map(({ key }) => key)).toEqual(['sub.finance.revenue.more']);
    expect(plan.changed.map(({ key }) => key)).toEqual(['sub.finance.revenue.orders']);
    expect(plan.removed.map(({ key }) => key)).toEqual(['sub.finance.revenue.gone']);
  });

  it('finds nothing to do for the same content in another member order', () => {
    const { kind, key, ...rest } = subscription();
    const reordered = registryDocument([{ ...rest, key, kind }]);
    expect(planRegistry(registryDocument(), reordered)).toEqual({ added: [], changed: [], removed: [] });
    expect(toRegistryVersion(1, reordered)).toBe(toRegistryVersion(1, registryDocument()));
  });

  it('names versions by number and content', () => {
    const version = toRegistryVersion(41, registryDocument());
    expect(version).toMatch(/^000041-[0-9a-f]{12}$/);
    expect(fromRegistryVersion(version)).toBe(41);
    expect(fromRegistryVersion(undefined)).toBe(0);
  });

  it('lists every consumer once', () => {
    const document = registryDocument([subscription(), subscription({ key: 'sub.finance.revenue.more' })]);
    expect(toConsumers(document)).toEqual(['dp.finance.revenue']);
  });
});
