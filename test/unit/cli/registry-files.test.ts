import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../cli/errors.js';
import { loadRegistry } from '../../../cli/registry/registry-files.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'registry-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

/** Problems as `file:line code path`. */
async function problems(): Promise<string[]> {
  const loaded = await loadRegistry(folder);
  return loaded.problems.map(
    ({ file, line, code, path }) => `${file?.slice(folder.length + 1)}:${line ?? '-'} ${code} ${path}`,
  );
}

const product = 'kind: DataProduct\nkey: dp.sales.orders\nowner: team\n';

describe('registry files', () => {
  it('are read from nested folders, YAML and JSON, several documents a file, sorted by key', async () => {
    await write('z.yaml', `${product}---\nkind: DataProduct\nkey: dp.crm.customers\nowner: team\n---\n`);
    await write('deep/er/a.json', JSON.stringify({ kind: 'DataProduct', key: 'dp.a.b', owner: 'team' }, null, 2));
    await write('notes.txt', 'not a registry file');
    await write('.hidden/x.yaml', 'not: read');
    const loaded = await loadRegistry(folder);
    expect(loaded.problems).toEqual([]);
    expect(loaded.files).toBe(2);
    expect(loaded.document.products.map(({ key }) => key)).toEqual(['dp.a.b', 'dp.crm.customers', 'dp.sales.orders']);
  });

  const cases: [string, string, string[]][] = [
    ['a member written twice', `${product}owner: other\n`, ['a.yaml:4 unreadable-file $']],
    ['an alias', 'kind: &k DataProduct\nkey: dp.sales.orders\nowner: *k\n', ['a.yaml:3 unreadable-file $']],
    ['a merge key', `base: &b { owner: team }\n<<: *b\n${product}`, ['a.yaml:2 unreadable-file $']],
    ['a tag', `${product}x-run: !!js/function "x"\n`, ['a.yaml:4 unreadable-file $']],
    ['a prototype member', `${product}__proto__: { polluted: yes }\n`, ['a.yaml:4 unreadable-file $']],
    ['a key that is no text', `${product}? [1]\n: x\n`, ['a.yaml:4 unreadable-file $']],
    ['broken syntax', 'kind: DataProduct\nkey: "dp.sales\n', ['a.yaml:3 unreadable-file $']],
    ['a list nested a thousand times', `x: ${'['.repeat(1_000)}`, ['a.yaml:1 unreadable-file $']],
    ['sequences nested in one line', `${'- '.repeat(100_000)}x`, ['a.yaml:1 unreadable-file $']],
    ['a document that is no entry', '- just\n- a list\n', ['a.yaml:1 invalid-entry $']],
    ['an unknown kind', 'kind: Product\nkey: dp.sales.orders\n', ['a.yaml:1 invalid-entry kind']],
    ['a missing member', 'kind: DataProduct\nkey: dp.sales.orders\n', ['a.yaml:1 invalid-entry owner']],
    ['a key in upper case', 'kind: DataProduct\nkey: dp.Sales.orders\nowner: t\n', ['a.yaml:2 invalid-entry key']],
    ['a member that means nothing', `${product}onwer: me\nx-team: kept\n`, ['a.yaml:4 unknown-member onwer']],
    [
      'a version that YAML takes for a number',
      `${product}---\nkind: OutputPort\nkey: op.sales.orders.daily\ndataProduct: dp.sales.orders\ncontracts:\n  - version: 2.1\n    schemaHash: sha256:9f2c1a7be04d55e1\n`,
      ['a.yaml:9 invalid-entry contracts[0].version'],
    ],
  ];
  it.each(cases)('name file and line of %s', async (_, text, expected) => {
    await write('a.yaml', text);
    expect(await problems()).toEqual(expected);
  });

  it('tell how to mend a number where text belongs', async () => {
    await write('a.yaml', 'kind: DataProduct\nkey: dp.sales.orders\nowner: 7\n');
    const [problem] = (await loadRegistry(folder)).problems;
    expect(problem?.fix).toBe('put the value in quotes: "7"');
  });

  it('refuse exponential aliases without expanding them', async () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    await write('bomb.yaml', `a0: &a0 x\n${levels.join('\n')}\n`);
    const found = await problems();
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((each) => each.includes('unreadable-file'))).toBe(true);
  });

  it('refuse files over 1 MB, JSON that is none, and bytes that are not UTF-8', async () => {
    await write('big.yaml', `${product}# ${'x'.repeat(1_000_000)}`);
    await write('c.json', 'kind: DataProduct');
    await write('latin.yaml', Buffer.from([0x6b, 0xe9]));
    expect(await problems()).toEqual([
      'big.yaml:- unreadable-file $',
      'c.json:- unreadable-file $',
      'latin.yaml:- unreadable-file $',
    ]);
  });

  it('keep quiet about references while a file cannot be read', async () => {
    await write('a.yaml', 'kind: [');
    await write(
      'b.yaml',
      'kind: OutputPort\nkey: op.a.b.c\ndataProduct: dp.a.b\ncontracts:\n  - { version: 1.0.0, schemaHash: sha256:9f2c1a7be04d55e1 }\n',
    );
    expect((await problems()).filter((each) => each.includes('unknown-data-product'))).toEqual([]);
  });

  it('are missed in an empty or absent folder', async () => {
    await expect(loadRegistry(folder)).rejects.toThrow(InputError);
    await expect(loadRegistry(join(folder, 'absent'))).rejects.toThrow(/cannot read folder/);
  });
});

describe('hostile registry files', () => {
  const cases: [string, string, string, string][] = [
    [
      'a mapping of 50,000 members',
      Array.from({ length: 50_000 }, (_, n) => `k${n}: 1`).join('\n'),
      'a.yaml:5001',
      'holds more than 5000 items',
    ],
    ['a list of 50,000 items', `x:\n${'- 1\n'.repeat(50_000)}`, 'a.yaml:5002', 'holds more than 5000 items'],
    ['a flow list of 50,000 items', `x: [${'1,'.repeat(50_000)}]`, 'a.yaml:1', 'holds more than 5000 items'],
    [
      'a number without an end',
      'kind: DataProduct\nkey: dp.a.b\nowner: .inf\n',
      'a.yaml:3',
      'a number JSON does not know',
    ],
    ['members nested in flow', `x: ${'{a: '.repeat(500)}1${'}'.repeat(500)}`, 'a.yaml:1', 'nested too deeply'],
  ];
  it.each(cases)('are refused with one reason: %s', async (_, text, place, reason) => {
    await write('a.yaml', text);
    const { problems: found } = await loadRegistry(folder);
    expect(found).toHaveLength(1);
    expect(`${found[0]!.file?.slice(folder.length + 1)}:${found[0]!.line}`).toBe(place);
    expect(found[0]!.message).toContain(reason);
  });

  it('are refused when they are links: to themselves, out of the folder, or round in a circle', async () => {
    await write('real.yaml', product);
    await symlink(join(folder, 'loop.yaml'), join(folder, 'loop.yaml'));
    await symlink('/etc/hostname', join(folder, 'out.yaml'));
    await symlink(folder, join(folder, 'circle'));
    const { problems: found, document } = await loadRegistry(folder);
    expect(found.map(({ file, message }) => `${file?.slice(folder.length + 1)} ${message}`)).toEqual([
      'circle is a symbolic link',
      'loop.yaml is a symbolic link',
      'out.yaml is a symbolic link',
    ]);
    expect(document.products).toHaveLength(1);
  });
});
