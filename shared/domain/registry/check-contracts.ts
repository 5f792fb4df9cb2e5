import { compare } from 'semver';
import type { DataContract } from '../../contracts/registry/data-contract.js';
import { diffContracts } from '../contract/diff.js';
import { SchemaError } from '../contract/schema-tree.js';
import { toSemanticVersion } from '../contract/version-truth.js';
import type { StandardFinding } from './standards/standard-finding.js';

/** Versions of one contract that follow each other and hide a change: readers who rely on ranges would be misled. */
export function checkContractVersions(contracts: readonly DataContract[]): StandardFinding[] {
  const byId = new Map<string, { version: string; contract: DataContract }[]>();
  for (const contract of contracts) {
    const version = toSemanticVersion(contract.version);
    if (version !== undefined) byId.set(contract.id, [...(byId.get(contract.id) ?? []), { version, contract }]);
  }
  return [...byId.values()].flatMap((versions) => {
    const sorted = versions.sort((a, b) => compare(a.version, b.version)).map(({ contract }) => contract);
    return sorted.slice(1).flatMap((contract, index) => checkStep(sorted[index], contract));
  });
}

function checkStep(from: DataContract | undefined, to: DataContract): StandardFinding[] {
  if (from === undefined || from.version === to.version) return [];
  try {
    const { changes, judgement } = diffContracts(from, to);
    if (judgement.verdict !== 'understated') return [];
    const [worst] = changes;
    const example = worst === undefined ? '' : ` (${worst.path} ${worst.message})`;
    const message = `version ${to.version} of contract ${to.id} hides a change: ${judgement.reason}${example}`;
    const fix = `raise the ${judgement.needed} version; "outport contract diff" lists every change`;
    return [{ severity: 'warning', code: 'understated-version', original: to, path: ['version'], message, fix }];
  } catch (error) {
    // A schema that cannot be read is reported where its hash is computed.
    if (error instanceof SchemaError) return [];
    throw error;
  }
}
