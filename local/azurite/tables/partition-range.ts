/** A range of row keys in one partition, ends included. */
export interface PartitionRange {
  readonly partitionKey: string;
  readonly from: string;
  /** Undefined for a range without an end. */
  readonly to: string | undefined;
}

interface Term {
  readonly column: string;
  readonly operator: string;
  readonly value: string;
}

const term = /(\w+) (eq|ne|ge|gt|le|lt) (?:'((?:[^']|'')*)'|[^\s'()]+)(?: and |$)/y;

/**
 * The smallest range that holds all a filter can match; undefined unless the filter is comparisons joined by `and`, one
 * of them for equality with a partition key.
 */
export function toPartitionRange(filter: string | undefined): PartitionRange | undefined {
  const terms = toTerms(filter ?? '');
  const partitionKey = terms?.find(({ column, operator }) => column === 'PartitionKey' && operator === 'eq')?.value;
  if (terms === undefined || partitionKey === undefined) return undefined;
  const bounds = (...operators: readonly string[]): string[] =>
    terms
      .filter(({ column, operator }) => column === 'RowKey' && operators.includes(operator))
      .map(({ value }) => value)
      .sort();
  return { partitionKey, from: bounds('ge', 'gt', 'eq').at(-1) ?? '', to: bounds('le', 'lt', 'eq')[0] };
}

function toTerms(filter: string): Term[] | undefined {
  const terms: Term[] = [];
  term.lastIndex = 0;
  while (term.lastIndex < filter.length) {
    const [, column, operator, value] = term.exec(filter) ?? [];
    if (column === undefined || operator === undefined) return undefined;
    const isKey = column === 'PartitionKey' || column === 'RowKey';
    if (isKey && value === undefined) return undefined;
    terms.push({ column, operator, value: (value ?? '').replaceAll("''", "'") });
  }
  return terms;
}
