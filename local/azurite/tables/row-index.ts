import { createRequire } from 'node:module';
import type sortedBtree from 'sorted-btree';
import type { Row } from './row.js';

// A CommonJS package whose default export loaders find in different places; its types are of what `require` gives.
const { default: BTree, simpleComparator } = createRequire(import.meta.url)('sorted-btree') as typeof sortedBtree;

/** A row and the partition it is in. */
export interface Placed {
  readonly partitionKey: string;
  readonly row: Row;
}

/** The rows of a partition by row key. */
interface Partition {
  readonly rows: Map<string, Row>;
  /** In order of the keys' UTF-16 code units, as the service orders them. */
  readonly inOrder: sortedBtree.default<string, Row>;
}

/**
 * The rows of one table by their keys: a lookup and a range cost what they return, not what the table holds. Lookups have
 * a map of their own, because a tree of millions of rows compares with twenty that are in no cache.
 */
export class RowIndex {
  readonly #partitions = new Map<string, Partition>();

  get size(): number {
    return [...this.#partitions.values()].reduce((sum, { rows }) => sum + rows.size, 0);
  }

  /** Put a row in, in the place of the one with its keys. */
  set(partitionKey: string, row: Row): void {
    const { rows, inOrder } = this.#partitionOf(partitionKey);
    rows.set(row.rowKey, row);
    inOrder.set(row.rowKey, row);
  }

  delete(partitionKey: string, rowKey: string): void {
    const partition = this.#partitions.get(partitionKey);
    if (partition?.rows.delete(rowKey)) partition.inOrder.delete(rowKey);
  }

  find(partitionKey: string, rowKey: string): Row | undefined {
    return this.#partitions.get(partitionKey)?.rows.get(rowKey);
  }

  /** Rows of a partition from one row key to another, both included, in order; without an end to the last. */
  *range(partitionKey: string, from = '', to?: string): Iterable<Placed> {
    for (const [rowKey, row] of this.#partitions.get(partitionKey)?.inOrder.entries(from) ?? []) {
      if (to !== undefined && rowKey > to) return;
      yield { partitionKey, row };
    }
  }

  /** Every row from these keys on, by partition key and row key. */
  *all(fromPartition = '', fromRow = ''): Iterable<Placed> {
    const partitionKeys = [...this.#partitions.keys()].filter((key) => key >= fromPartition).sort();
    for (const key of partitionKeys) yield* this.range(key, key === fromPartition ? fromRow : '');
  }

  /** The rows of this moment, partition by partition, whatever changes while they are gone through. */
  snapshot(): { partitionKey: string; rows: Iterable<Row> }[] {
    return [...this.#partitions].map(([partitionKey, { inOrder }]) => ({
      partitionKey,
      rows: inOrder.clone().values(), // shares what does not change
    }));
  }

  #partitionOf(partitionKey: string): Partition {
    const known = this.#partitions.get(partitionKey);
    if (known) return known;
    const partition = { rows: new Map<string, Row>(), inOrder: new BTree<string, Row>(undefined, simpleComparator) };
    this.#partitions.set(partitionKey, partition);
    return partition;
  }
}
