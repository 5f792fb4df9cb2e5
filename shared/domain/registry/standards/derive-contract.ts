import { SchemaHash, SemanticVersion } from '../../../contracts/keys.js';
import type { ContractEntry } from '../../../contracts/registry.js';
import type { DataContract } from '../../../contracts/registry/data-contract.js';
import type { StandardOutputPort } from '../../../contracts/registry/data-product-standard.js';
import { toSchemaHash } from '../../contract/schema-hash.js';
import { SchemaError } from '../../contract/schema-tree.js';
import { toFreshnessMinutes } from '../../contract/sla.js';
import { toSemanticVersion } from '../../contract/version-truth.js';
import { toCustomText } from './derived-keys.js';
import type { StandardFinding, StandardPlace } from './standard-finding.js';

/** What a version of a port promises, from the contract it follows; undefined without one that can be used. */
export function deriveContract(
  port: StandardOutputPort,
  contract: DataContract | undefined,
  { original, path }: StandardPlace,
  findings: StandardFinding[],
): ContractEntry | undefined {
  const version = toSemanticVersion(port.version);
  if (version === undefined || !SemanticVersion.safeParse(version).success) {
    const message = `"${port.version}" is not a semantic version`;
    findings.push({
      code: 'invalid-version',
      original,
      path: [...path, 'version'],
      message,
      fix: 'write one such as 2.1.0',
    });
    return undefined;
  }
  if (contract === undefined) return undefined;
  const schemaHash = readSchemaHash(contract, findings);
  if (schemaHash === undefined) return undefined;
  const ruleset = toCustomText(contract.customProperties, 'outportRuleset');
  const freshnessMinutes = toFreshnessMinutes(contract);
  return {
    version,
    schemaHash,
    ...(ruleset && { ruleset: ruleset.slice(0, 1_000) }),
    contractId: contract.id,
    ...(freshnessMinutes !== undefined && { sla: { freshnessMinutes } }),
  };
}

function readSchemaHash(contract: DataContract, findings: StandardFinding[]): string | undefined {
  const explicit = toCustomText(contract.customProperties, 'outportSchemaHash');
  if (explicit !== undefined) {
    if (SchemaHash.safeParse(explicit).success) return explicit;
    const message = `custom property outportSchemaHash is "${explicit.slice(0, 40)}"`;
    const fix = 'write it like sha256:<hex>, or leave it out to have it computed';
    findings.push({ code: 'invalid-schema-hash', original: contract, path: ['customProperties'], message, fix });
    return undefined;
  }
  try {
    return toSchemaHash(contract);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const fix = 'give every member of an object its own name';
    findings.push({ code: 'invalid-schema', original: contract, path: ['schema'], message: error.message, fix });
    return undefined;
  }
}
