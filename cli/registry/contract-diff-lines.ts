import type { ContractChange } from '../../shared/domain/contract/contract-change.js';
import type { ContractDiff } from '../../shared/domain/contract/diff.js';
import { paint, toSafeText } from '../output.js';

const marks: Record<ContractChange['kind'], (text: string) => string> = {
  breaking: paint.red,
  additive: paint.green,
  cosmetic: paint.dim,
};

/** A comparison as a table, then the judgement. */
export function toDiffLines({ from, to, changes, judgement }: ContractDiff): string[] {
  const widest = Math.min(60, Math.max(0, ...changes.map(({ path }) => path.length)));
  const rows = changes.map(({ kind, path, message }) =>
    [marks[kind](kind.padEnd(8)), toSafeText(path).padEnd(widest), toSafeText(message)].join('  '),
  );
  const count = (kind: ContractChange['kind']): number => changes.filter((change) => change.kind === kind).length;
  const same = from.schemaHash === to.schemaHash ? 'unchanged' : `${from.schemaHash} -> ${to.schemaHash}`;
  const colour = judgement.verdict === 'understated' ? paint.red : paint.green;
  return [
    ...rows,
    ...(rows.length > 0 ? [''] : []),
    `${count('breaking')} breaking, ${count('additive')} additive, ${count('cosmetic')} cosmetic`,
    `schema hash  ${same}`,
    `version      ${colour(judgement.verdict)}: ${toSafeText(judgement.reason)}`,
  ];
}
