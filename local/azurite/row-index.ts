import { createRequire } from 'node:module';
import type sortedBtree from 'sorted-btree';

// A CommonJS package whose default export loaders find in different places; its types are of what `require` gives.
const { default: BTree, simpleComparator } = createRequire(import.meta.url)('sorted-btree') as typeof sortedBtree;

/** A row as Azurite keeps it. */
export interface KeyedRow {
  readonly PartitionKey: string;
  readonly RowKey: string;
}

/** The rows of one table by their keys: a lookup and a range cost what they return, not what the table holds. */
export class RowIndex<R extends KeyedRow> {
  /** By row key, in order of the keys' UTF-16 code units, as the service orders them. */
  readonly #partitions = new Map<string, sortedBtree.default<string, R>>();

  constructor(rows: Iterable<R>) {
    for (const row of rows) this.add(row);
  }

  add(row: R): void {
    const partition = this.#partitions.get(row.PartitionKey) ?? new BTree<string, R>(undefined, simpleComparator);
    this.#partitions.set(row.PartitionKey, partition);
    partition.set(row.RowKey, row);
  }

  /** Take out this very row; another that has its keys by now stays. */
  delete(row: R): void {
    const partition = this.#partitions.get(row.PartitionKey);
    if (partition?.get(row.RowKey) === row) partition.delete(row.RowKey);
  }

  find(partitionKey: string, rowKey: string): R | undefined {
    return this.#partitions.get(partitionKey)?.get(rowKey);
  }

  /** Rows of a partition from one row key to another, both included; without an end to the last. */
  range(partitionKey: string, from: string, to?: string): R[] {
    const partition = this.#partitions.get(partitionKey);
    const last = to ?? partition?.maxKey();
    if (partition === undefined || last === undefined) return [];
    return partition.getRange(from, last, true).map(([, row]) => row);
  }
}
