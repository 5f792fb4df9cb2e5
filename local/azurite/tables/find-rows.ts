import { filters } from './azurite-parts.js';
import { toPartitionRange } from './partition-range.js';
import { type Entity, fromRow } from './row.js';
import type { Placed, RowIndex } from './row-index.js';

/** Keys of the row that a page begins with. */
export interface PageStart {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** The rows that a filter lets through, by key, at most `limit` from `start` on, and where the next page begins. */
export function findRows(
  rows: RowIndex,
  filter: string | undefined,
  { start, limit }: { start: PageStart | undefined; limit: number },
): { found: Entity[]; next: PageStart | undefined } {
  const matches = filters.generateQueryEntityWhereFunction(filter);
  const found: Entity[] = [];
  for (const { partitionKey, row } of candidates(rows, filter, start)) {
    const entity = fromRow(partitionKey, row);
    if (!matches(entity)) continue;
    if (found.length === limit) return { found, next: { partitionKey, rowKey: row.rowKey } };
    found.push(entity);
  }
  return { found, next: undefined };
}

/** A filter that names a partition looks at the range that it names; every other one at everything. */
function candidates(rows: RowIndex, filter: string | undefined, start: PageStart | undefined): Iterable<Placed> {
  const range = toPartitionRange(filter);
  if (range === undefined) return rows.all(start?.partitionKey, start?.rowKey);
  const { partitionKey, from, to } = range;
  if (start === undefined || start.partitionKey < partitionKey) return rows.range(partitionKey, from, to);
  if (start.partitionKey > partitionKey) return [];
  return rows.range(partitionKey, start.rowKey > from ? start.rowKey : from, to);
}
