import { describe, expect, it } from 'vitest';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import { KeyPattern, PolicyEntry } from '../../../shared/contracts/registry/policy.js';
import { checkRegistry } from '../../../shared/domain/registry/check-registry.js';
import { toKeyMatcher } from '../../../shared/domain/registry/key-pattern.js';
import { readRegistryEntries } from '../../../shared/domain/registry/read-entries.js';
import { registryDocument, schemaV2, subscription } from '../../fixtures/events.js';

const policy = (rest: Record<string, unknown>): PolicyEntry =>
  PolicyEntry.parse({ kind: 'Policy', key: 'pol.platform.p', owner: 'team-platform', reason: 'because', ...rest });
const problems = (document: RegistryDocument, nowMs?: number) => checkRegistry(document, undefined, nowMs);
const codes = (document: RegistryDocument, nowMs?: number): string[] =>
  problems(document, nowMs).map(({ severity, code, key, path }) => `${severity} ${code} ${key} ${path}`);
const orders = registryDocument().ports[0]!;

describe('policies at registration', () => {
  const asks = (maxAgeMinutes: number) => registryDocument([subscription({ freshness: { maxAgeMinutes } })]);
  const promising = (document: RegistryDocument, ...minutes: number[]): RegistryDocument => ({
    ...document,
    ports: [
      {
        ...orders,
        contracts: minutes.map((freshnessMinutes, n) => {
          return { version: `2.${n + 1}.0`, schemaHash: schemaV2, sla: { freshnessMinutes } };
        }),
      },
    ],
  });
  const layered = (from: 'bronze' | 'silver' | 'gold', to: 'bronze' | 'silver' | 'gold'): RegistryDocument => {
    const document = registryDocument();
    const products = document.products.map((product) => ({
      ...product,
      layer: product.key === 'dp.sales.orders' ? from : to,
    }));
    return { ...document, products };
  };
  const key = 'sub.finance.revenue.orders';
  const cases: [string, PolicyEntry, RegistryDocument, string[]][] = [
    [
      'keys that match a pattern',
      policy({ rule: 'naming', kinds: ['OutputPort'], keys: ['op.*.*.daily'] }),
      registryDocument(),
      [],
    ],
    [
      'a key that matches no pattern',
      policy({ rule: 'naming', kinds: ['OutputPort'], keys: ['op.*.*.v-*'] }),
      registryDocument(),
      ['error policy-naming op.sales.orders.daily key'],
    ],
    [
      'a key the naming rule is not about',
      policy({ rule: 'naming', kinds: ['OutputPort'], where: 'op.crm.**', keys: ['op.x.x.x'] }),
      registryDocument(),
      [],
    ],
    [
      'an allowed dependency',
      policy({ rule: 'dependencies', consumers: 'dp.finance.*', ports: ['op.sales.**'] }),
      registryDocument(),
      [],
    ],
    [
      'a dependency on another domain',
      policy({ rule: 'dependencies', consumers: 'dp.finance.*', ports: ['op.finance.**'] }),
      registryDocument(),
      [`error policy-dependencies ${key} port`],
    ],
    [
      'a dependency of somebody else',
      policy({ rule: 'dependencies', consumers: 'dp.hr.*', ports: ['op.hr.**'] }),
      registryDocument(),
      [],
    ],
    ['data that flows forward', policy({ rule: 'layers' }), layered('bronze', 'gold'), []],
    ['data that stays in its layer', policy({ rule: 'layers' }), layered('gold', 'gold'), []],
    [
      'gold that feeds bronze',
      policy({ rule: 'layers' }),
      layered('gold', 'bronze'),
      [`error policy-layers ${key} port`],
    ],
    [
      'a port of a lower layer than its product',
      policy({ rule: 'layers' }),
      { ...layered('gold', 'bronze'), ports: [{ ...orders, layer: 'bronze' }] },
      [],
    ],
    ['products without layers', policy({ rule: 'layers' }), registryDocument(), []],
    ['an allowed stage', policy({ rule: 'stages', allowed: ['prod'] }), registryDocument(), []],
    [
      'a stage that is not allowed',
      policy({ rule: 'stages', allowed: ['dev', 'test'] }),
      registryDocument(),
      [`error policy-stages ${key} stage`],
    ],
    [
      'a policy for other stages',
      policy({ rule: 'dependencies', stages: ['dev'], ports: ['op.x.**'] }),
      registryDocument(),
      [],
    ],
    ['a wish within the promise', policy({ rule: 'freshness' }), promising(asks(60), 60), []],
    [
      'a wish beyond the promise',
      policy({ rule: 'freshness' }),
      promising(asks(59), 60),
      [`error policy-freshness ${key} freshness.maxAgeMinutes`],
    ],
    [
      'a wish beyond the slowest promise in range',
      policy({ rule: 'freshness' }),
      promising(asks(60), 10, 90),
      [`error policy-freshness ${key} freshness.maxAgeMinutes`],
    ],
    ['a port that promises nothing', policy({ rule: 'freshness' }), asks(1), []],
    [
      'a missing entitlement',
      policy({ rule: 'entitlement', ports: ['op.sales.**'] }),
      registryDocument(),
      [`error policy-entitlement ${key} port`],
    ],
  ];
  it.each(cases)('judge %s', (_, entry, document, expected) => {
    expect(codes({ ...document, policies: [entry] })).toEqual(expected);
  });

  it('warn of an entitlement that has expired, and accept the registry', () => {
    const document: RegistryDocument = {
      ...registryDocument(),
      policies: [policy({ rule: 'entitlement', ports: ['op.sales.**'] })],
      entitlements: [
        {
          kind: 'Entitlement',
          key: 'ent.sales.orders.finance',
          product: 'dp.finance.revenue',
          may: 'consume',
          port: 'op.sales.orders.daily',
          stages: ['prod'],
          expires: '2026-03-01T00:00:00Z',
          owner: 'team-sales',
          reason: 'trial',
        },
      ],
    };
    expect(codes(document, Date.parse('2026-02-28T00:00:00Z'))).toEqual([]);
    expect(codes(document, Date.parse('2026-03-01T00:00:00Z'))).toEqual([
      'warning entitlement-expired ent.sales.orders.finance expires',
      `warning policy-entitlement ${key} port`,
    ]);
  });

  it('name policy, owner, reason, entry, file, line and what to do', () => {
    const value = { ...subscription(), stage: 'dev' };
    const entry = policy({ rule: 'stages', allowed: ['prod'] });
    const files = [...registryDocument().products, ...registryDocument().ports, entry].map((each) => ({
      file: 'base.yaml',
      value: each,
      lineOf: () => 1,
    }));
    const read = readRegistryEntries([
      ...files,
      { file: 'finance.yaml', value, lineOf: ([first]) => (first === 'stage' ? 7 : 1) },
    ]);
    const [problem, ...others] = checkRegistry(read.document, read.locate);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      file: 'finance.yaml',
      line: 7,
      key,
      path: 'stage',
      policy: { key: 'pol.platform.p', owner: 'team-platform' },
    });
    expect(problem?.message).toContain('policy pol.platform.p of team-platform: because');
    expect(problem?.fix).toBe('set stage to prod, or talk to team-platform');
  });
});

describe('patterns of keys', () => {
  const cases: [string, string, boolean][] = [
    ['**', 'op.a.b.c', true],
    ['op.sales.**', 'op.sales.orders.daily', true],
    ['op.sales.**', 'op.sales', false],
    ['op.sales.**', 'op.salesx.orders.daily', false],
    ['op.*.*.daily', 'op.sales.orders.daily', true],
    ['op.*.daily', 'op.sales.orders.daily', false],
    ['dp.*.raw-*', 'dp.sales.raw-orders', true],
    ['dp.*.*-raw-*', 'dp.sales.a-raw-raw-b', true],
    ['dp.*.a*b*c', 'dp.sales.aXbXbc', true],
    ['dp.*.a*b', 'dp.sales.abc', false],
  ];
  it.each(cases)('%s on %s: %s', (pattern, key, expected) => {
    expect(toKeyMatcher(pattern)(key)).toBe(expected);
  });

  it.each(['(a+)+', 'op.**.daily', 'op.a**', 'OP.x', '', 'op..x', `op.${'*'.repeat(200)}`])('%j is none', (text) => {
    expect(KeyPattern.safeParse(text).success).toBe(false);
  });

  it('take no longer on keys made to make them backtrack', () => {
    const matches = toKeyMatcher(`dp.x.${'a*'.repeat(60)}b`);
    let looked = 0;
    for (let i = 0; i < 1_000; i += 1) looked += Number(matches(`dp.x.${'a'.repeat(120)}`));
    expect(looked).toBe(0);
  });
});
