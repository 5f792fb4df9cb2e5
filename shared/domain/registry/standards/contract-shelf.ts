import type { DataContract } from '../../../contracts/registry/data-contract.js';
import type { StandardOutputPort } from '../../../contracts/registry/data-product-standard.js';
import { toSemanticVersion } from '../../contract/version-truth.js';
import type { StandardFinding, StandardPlace } from './standard-finding.js';

/** The contracts of a registry by id; an id may be there in several versions. */
export type ContractShelf = ReadonlyMap<string, readonly DataContract[]>;

/** Put contracts on the shelf; one version of one id twice is a finding. */
export function toContractShelf(contracts: readonly DataContract[], findings: StandardFinding[]): ContractShelf {
  const shelf = new Map<string, DataContract[]>();
  for (const contract of contracts) {
    const others = shelf.get(contract.id) ?? [];
    if (others.some(({ version }) => version === contract.version)) {
      const message = `contract ${contract.id} version ${contract.version} is there a second time`;
      const fix = 'remove one of them, or raise its version';
      findings.push({ code: 'duplicate-contract', original: contract, path: ['version'], message, fix });
    } else {
      shelf.set(contract.id, [...others, contract]);
    }
  }
  return shelf;
}

/** The contract a port version follows: that of its id with the same version, or the only one with that id. */
export function findContract(
  shelf: ContractShelf,
  { contractId, version }: StandardOutputPort,
  { original, path }: StandardPlace,
  findings: StandardFinding[],
): DataContract | undefined {
  const warn = (code: string, message: string, fix: string): undefined => {
    findings.push({ severity: 'warning', code, original, path: [...path, 'contractId'], message, fix });
  };
  if (!contractId)
    return warn('unresolved-contract', 'names no contract, so this version cannot be used yet', 'add contractId');
  const own = shelf.get(contractId) ?? [];
  const wanted = toSemanticVersion(version);
  const found = own.find((contract) => toSemanticVersion(contract.version) === wanted);
  if (found) return found;
  if (own.length === 1) return own[0];
  if (own.length === 0) {
    const message = `contract ${contractId} is not here, so version ${version} cannot be used yet`;
    return warn('unresolved-contract', message, 'add the contract, or correct contractId');
  }
  const versions = own.map((contract) => contract.version).join(', ');
  const message = `contract ${contractId} has versions ${versions}, none is ${version}`;
  return warn('unresolved-contract', message, 'add that version of the contract');
}
