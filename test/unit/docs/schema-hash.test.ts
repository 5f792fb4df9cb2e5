import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DataContract } from '../../../shared/contracts/registry/data-contract.js';
import { toCanonicalSchema, toSchemaHash } from '../../../shared/domain/contract/schema-hash.js';

const page = await readFile(new URL('../../../docs/schema-hash.md', import.meta.url), 'utf8');

/** The fenced block with this info string. */
function block(info: string): string {
  const found = new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/schema-hash.md has no block "${info}"`);
  return found;
}

describe('the worked example of docs/schema-hash.md', () => {
  const contract = DataContract.parse(parse(block('yaml contract')));

  it('gives the canonical form it shows', () => {
    expect(toCanonicalSchema(contract)).toBe(block('text canonical').replaceAll('\n', ''));
  });

  it('gives the hash it shows', () => {
    expect(toSchemaHash(contract)).toBe(block('text hash').trim());
  });
});
