import type { DataContract } from '../../contracts/registry/data-contract.js';
import type { ContractChange } from './contract-change.js';
import { diffElements } from './diff-schema.js';
import { diffMembers } from './diff-members.js';
import { diffQuality, diffSla } from './diff-promises.js';
import { toSchemaHash } from './schema-hash.js';
import { toSchemaTree } from './schema-tree.js';
import { judgeVersions, type VersionJudgement } from './version-truth.js';

/** Two versions of a contract compared. */
export interface ContractDiff {
  readonly from: ContractSide;
  readonly to: ContractSide;
  /** Breaking first, then additive, then cosmetic; in each by path. */
  readonly changes: readonly ContractChange[];
  readonly judgement: VersionJudgement;
}

/** One of the two contracts. */
export interface ContractSide {
  readonly id: string;
  readonly version: string;
  readonly schemaHash: string;
}

/** Members of a contract that are compared with knowledge of what they mean. */
const compared = new Set(['kind', 'id', 'version', 'schema', 'slaProperties', 'quality', 'status']);

/** Every difference and what it means, and whether the new version number says so. @throws SchemaError */
export function diffContracts(from: DataContract, to: DataContract): ContractDiff {
  const changes = [
    ...diffIdentity(from, to),
    ...diffElements('schema', toElements(from), toElements(to)),
    ...diffSla(from.slaProperties ?? [], to.slaProperties ?? []),
    ...diffQuality('quality', toRules(from['quality']), toRules(to['quality'])),
    ...diffStatus(from, to),
    ...diffMembers('', from, to, compared),
  ].sort((a, b) => rank[a.kind] - rank[b.kind] || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { from: toSide(from), to: toSide(to), changes, judgement: judgeVersions(from.version, to.version, changes) };
}

const rank = { breaking: 0, additive: 1, cosmetic: 2 };

function toSide(contract: DataContract): ContractSide {
  return { id: contract.id, version: contract.version, schemaHash: toSchemaHash(contract) };
}

function toElements(contract: DataContract) {
  return { nodes: toSchemaTree(contract), raw: contract.schema ?? [] };
}

function toRules(quality: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(quality) ? quality.filter(isRule) : [];
}

function isRule(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function diffIdentity(from: DataContract, to: DataContract): ContractChange[] {
  if (from.id === to.id) return [];
  const message = `was ${from.id}, is ${to.id}: this is another contract, not a new version`;
  return [{ kind: 'breaking', code: 'other-contract', path: 'id', message }];
}

function diffStatus(from: DataContract, to: DataContract): ContractChange[] {
  const before = from.status ?? 'none';
  const after = to.status ?? 'none';
  if (before === after) return [];
  const message = `was ${before}, is ${after}`;
  return [{ kind: after === 'retired' ? 'breaking' : 'cosmetic', code: 'status-changed', path: 'status', message }];
}
