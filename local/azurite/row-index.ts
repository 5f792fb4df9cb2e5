import { createRequire } from 'node:module';
import type sortedBtree from 'sorted-btree';

// A CommonJS package whose default export loaders find in different places; its types are of what `require` gives.
const { default: BTree, simpleComparator } = createRequire(import.meta.url)('sorted-btree') as typeof sortedBtree;

/** A row as Azurite keeps it. */
export interface KeyedRow {
  readonly PartitionKey: string;
  readonly RowKey: string;
}

/**
 * The rows of one table by their keys: a lookup and a range cost what they return, not what the table holds. Lookups have
 * a map of their own, because a tree of millions of rows compares with twenty that are in no cache.
 */
export class RowIndex<R extends KeyedRow> {
  readonly #partitions = new Map<string, Partition<R>>();

  constructor(rows: Iterable<R>) {
    for (const row of rows) this.add(row);
  }

  add(row: R): void {
    const { rows, inOrder } = this.#partitionOf(row.PartitionKey);
    rows.set(row.RowKey, row);
    inOrder.set(row.RowKey, row);
  }

  /** Take out this very row; another that has its keys by now stays. */
  delete(row: R): void {
    const partition = this.#partitions.get(row.PartitionKey);
    if (partition?.rows.get(row.RowKey) !== row) return;
    partition.rows.delete(row.RowKey);
    partition.inOrder.delete(row.RowKey);
  }

  find(partitionKey: string, rowKey: string): R | undefined {
    return this.#partitions.get(partitionKey)?.rows.get(rowKey);
  }

  /** Rows of a partition from one row key to another, both included; without an end to the last. */
  range(partitionKey: string, from: string, to?: string): R[] {
    const inOrder = this.#partitions.get(partitionKey)?.inOrder;
    const last = to ?? inOrder?.maxKey();
    if (inOrder === undefined || last === undefined) return [];
    return inOrder.getRange(from, last, true).map(([, row]) => row);
  }

  #partitionOf(partitionKey: string): Partition<R> {
    const known = this.#partitions.get(partitionKey);
    if (known) return known;
    const partition = { rows: new Map<string, R>(), inOrder: new BTree<string, R>(undefined, simpleComparator) };
    this.#partitions.set(partitionKey, partition);
    return partition;
  }
}

/** The rows of a partition by row key. */
interface Partition<R> {
  readonly rows: Map<string, R>;
  /** In order of the keys' UTF-16 code units, as the service orders them. */
  readonly inOrder: sortedBtree.default<string, R>;
}
