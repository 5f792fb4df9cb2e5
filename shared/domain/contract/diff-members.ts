import { toContentHash } from '../identity.js';
import { type ContractChange, toShortText } from './contract-change.js';

/** Members that say where and how the data lies, which the contract does not promise. */
const physical = new Set(['physicalName', 'physicalType', 'servers', 'partitioned', 'partitionKeyPosition']);

/** Differences in members nothing depends on: descriptions, tags, examples, physical details. */
export function diffMembers(
  path: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): ContractChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !known.has(name)).sort();
  return names.flatMap((name): ContractChange[] => {
    if (toContentHash(before[name] ?? null) === toContentHash(after[name] ?? null)) return [];
    const message = `was ${toShortText(before[name])}, is ${toShortText(after[name])}`;
    const code = physical.has(name) ? 'physical-detail-changed' : 'description-changed';
    return [{ kind: 'cosmetic', code, path: path === '' ? name : `${path}.${name}`, message }];
  });
}
