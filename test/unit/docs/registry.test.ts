import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PolicyEntry } from '../../../shared/contracts/registry/policy.js';
import { readRegistryEntries } from '../../../shared/domain/registry/read-entries.js';

const page = await readFile(new URL('../../../docs/registry.md', import.meta.url), 'utf8');

describe('docs/registry.md', () => {
  it('shows documents that can be read as they stand', () => {
    const blocks = [...page.matchAll(/^```yaml \w+\n([\s\S]*?)^```$/gm)].map(
      ([, text]) => parse(text ?? '') as unknown,
    );
    expect(blocks).toHaveLength(2);
    const { problems } = readRegistryEntries(blocks.map((value) => ({ file: 'page', value, lineOf: () => undefined })));
    expect(problems).toEqual([]);
  });

  it('names every rule of a policy with its members', () => {
    for (const { shape } of PolicyEntry.options) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${shape.rule.value}\``));
      const common = ['kind', 'key', 'owner', 'reason', 'description', 'stages', 'rule'];
      for (const member of Object.keys(shape)) {
        if (!common.includes(member)) expect(row, `${shape.rule.value} ${member}`).toContain(`\`${member}\``);
      }
    }
  });
});
