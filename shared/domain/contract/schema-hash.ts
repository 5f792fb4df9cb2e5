import { createHash } from 'node:crypto';
import type { DataContract } from '../../contracts/registry/data-contract.js';
import { toCanonicalJson } from '../canonical-json.js';
import { toSchemaTree } from './schema-tree.js';

/** Version of the canonical form; part of what is hashed, so that a later form can never be taken for this one. */
const form = 'outport-schema/1';

/** The text that is hashed: canonical JSON (RFC 8785), see docs/schema-hash.md. @throws SchemaError */
export function toCanonicalSchema(contract: Pick<DataContract, 'schema'>): string {
  return toCanonicalJson({ form, objects: toSchemaTree(contract) });
}

/**
 * Hash of a contract's schema: sha256 over its canonical form in UTF-8. Counts: names, logical types, nesting,
 * required, primary keys. Does not: order, descriptions, examples, physical details. @throws SchemaError
 */
export function toSchemaHash(contract: Pick<DataContract, 'schema'>): string {
  return `sha256:${createHash('sha256').update(toCanonicalSchema(contract)).digest('hex')}`;
}
