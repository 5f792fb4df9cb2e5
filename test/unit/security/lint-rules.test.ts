import { join } from 'node:path';
import { ESLint, Linter } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

/** Lint a few lines as if they stood in `file`, with one of the project's own rules. */
async function lint(code: string, file: string, rule: string): Promise<number> {
  const config = (await new ESLint({ cwd: root }).calculateConfigForFile(join(root, file))) as {
    rules: Linter.RulesRecord;
    plugins: Linter.Config['plugins'];
  }; // the shape of a computed flat configuration
  const chosen = Object.fromEntries(Object.entries(config.rules).filter(([name]) => name === rule));
  const plugins = config.plugins ?? {};
  return new Linter({ configType: 'flat' }).verify(code, { plugins, rules: chosen }).length;
}

const adapter = 'shared/adapters/table/requests.ts';

describe('the lint rule for OData filters', () => {
  it.each([
    ['a template', 'list({ filter: `PartitionKey eq ${key}` });'],
    ['a sum', 'list({ filter: "PartitionKey eq \'" + key + "\'" });'],
    ['a template in a variable', "const portFilter = `Port eq '${port}'`;"],
    ['a comparison anywhere', 'const text = `x and RowKey ge ${key}`;'],
    ['a comparison that is added to', "const text = 'RowKey lt ' + key;"],
  ])('refuses %s', async (_, code) => {
    expect(await lint(code, adapter, 'no-restricted-syntax')).toBeGreaterThan(0);
  });

  it('allows the odata tag', async () => {
    const code = 'const filter = odata`PartitionKey eq ${key} and RowKey lt ${end}`; list({ filter });';
    expect(await lint(code, adapter, 'no-restricted-syntax')).toBe(0);
  });
});

describe('the lint rule for patterns', () => {
  it.each(['/^(a+)+$/', '/^(?:a*b?)*$/', '/^\\s*(.*?)\\s*$/'])('refuses %s', async (pattern) => {
    const code = `const pattern = ${pattern};`;
    expect(await lint(code, 'shared/domain/watermark.ts', 'regexp/no-super-linear-backtracking')).toBeGreaterThan(0);
  });
});
