import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRegistry } from '../../../cli/registry/registry-files.js';
import { toYaml } from '../../../cli/registry/read-commands.js';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import { exportRegistry } from '../../../shared/domain/registry/export-registry.js';
import { toLineage, toDot, toMermaid } from '../../../shared/domain/registry/lineage.js';
import { isEmptyPlan, planRegistry, toRegistryVersion } from '../../../shared/domain/registry/plan.js';
import { readRegistryEntries } from '../../../shared/domain/registry/read-entries.js';
import { toRegistryView } from '../../../shared/domain/registry/registry-view.js';
import { registryDocument, subscription } from '../../fixtures/events.js';
import { standardContract, standardProduct } from '../../fixtures/standards.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'export-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (...values: unknown[]): RegistryDocument =>
  readRegistryEntries(values.map((value) => ({ file: 'f', value, lineOf: () => undefined }))).document;

/** Export a registry to files and read them again. */
async function roundTrip(document: RegistryDocument) {
  const files = exportRegistry(JSON.parse(JSON.stringify(document)) as RegistryDocument);
  for (const file of files) {
    const path = join(folder, `${file.name}.yaml`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, toYaml(file));
  }
  return { files, loaded: await loadRegistry(folder) };
}

/** Text that a careless writer would turn into something else. */
const awkward = [
  'yes',
  'null',
  '1e3',
  '0x1F',
  '012',
  '2026-03-10',
  '~',
  '- x',
  'a: b',
  ' lead',
  'trail ',
  'line\nbreak',
  '"q"',
  "'",
  '#c',
  '&a',
  '*a',
  '!t',
  '%d',
  '@x',
  '{}',
  '[]',
  '\u0007',
  '\u2028',
  '',
  '😀',
];

describe('exporting a registry', () => {
  it('gives files that, applied again, change nothing: originals and unknown members included', async () => {
    const document = read(
      ...registryDocument([
        subscription({ 'x-team': { nested: [1, 2.5, true, null, ...awkward] }, note: 'unknown member' }),
        subscription({ key: 'sub.finance.revenue.z', freshness: { maxAgeMinutes: 5 } }),
      ]).subscriptions,
      ...registryDocument().products,
      ...registryDocument().ports,
      { kind: 'Policy', key: 'pol.platform.layers', owner: 't', reason: 'r', rule: 'layers' },
      {
        kind: 'Entitlement',
        key: 'ent.sales.orders.x',
        product: 'dp.finance.revenue',
        may: 'consume',
        port: 'op.sales.orders.daily',
        stages: ['prod'],
        owner: 't',
        reason: 'r',
      },
      standardProduct({ unknownMember: awkward, big: 12345678901234 }),
      standardContract(),
      standardContract({ version: '1.1.0', id: 'c/orders ü' }),
      standardContract({ version: '1.1.0', id: 'c-orders-u' }),
    );
    const { files, loaded } = await roundTrip(document);
    expect(files.map(({ name }) => name)).toEqual([
      'finance',
      'odcs/c-orders-1-0-0',
      'odcs/c-orders-u-1-1-0',
      expect.stringMatching(/^odcs\/c-orders-u-1-1-0-[0-9a-f]{8}$/),
      'odps/fbe8d147-28db-4f1d-bedf-a3fe9f458427',
      'platform',
      'sales',
    ]);
    expect(loaded.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(isEmptyPlan(planRegistry(document, loaded.document))).toBe(true);
    expect(toRegistryVersion(1, loaded.document)).toBe(toRegistryVersion(1, document));
  });

  it('gives back the example registry', async () => {
    const { document } = await loadRegistry(fileURLToPath(new URL('../../../examples/registry', import.meta.url)));
    expect(toRegistryVersion(1, (await roundTrip(document)).loaded.document)).toBe(toRegistryVersion(1, document));
  });
});

describe('drawing a registry', () => {
  const view = toRegistryView(
    registryDocument([
      subscription({ versions: '>=2.1 <4 || ^5' }),
      subscription({ key: 'sub.finance.revenue.leads', port: 'op.sales.leads.daily', stage: 'dev' }),
    ]),
  );

  it('shows products by domain, and undeclared ports dashed', () => {
    expect(toMermaid(toLineage(view))).toBe(
      [
        'flowchart LR',
        '  subgraph n0["finance"]',
        '    n1["dp.finance.revenue"]',
        '  end',
        '  subgraph n2["sales"]',
        '    n3["dp.sales.orders"]',
        '  end',
        '  n4(["op.sales.leads.daily (not declared)"])',
        '  n3 -->|"daily #62;#61;2.1 #60;4 #124;#124; ^5 prod"| n1',
        '  n4 -.->|"daily ^2.1 dev"| n1',
        '',
      ].join('\n'),
    );
  });

  it('shows one stage when asked', () => {
    expect(toLineage(view, 'dev').edges).toEqual([
      {
        from: null,
        to: 'dp.finance.revenue',
        port: 'op.sales.leads.daily',
        versions: '^2.1',
        stage: 'dev',
        subscription: 'sub.finance.revenue.leads',
      },
    ]);
  });

  it('quotes for Graphviz', () => {
    expect(toDot(toLineage(view))).toContain(
      '"dp.sales.orders" -> "dp.finance.revenue" [label="daily >=2.1 <4 || ^5 prod"];',
    );
    expect(toDot(toLineage(view))).toContain('"op.sales.leads.daily" [style=dashed];');
  });
});
