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

/** So many new keys are put in order together: neighbours meet the same nodes, and most of what is short-lived meets none. */
const orderedTogether = 1_000;

/** The rows of a partition. */
interface Partition {
  readonly rows: Map<string, Row>;
  /** Row keys in the order of their UTF-16 code units, as the service orders them, but for the latest. */
  readonly inOrder: sortedBtree.default<string, undefined>;
  /** Row keys that are not in order yet. */
  readonly latest: Set<string>;
}

/**
 * The rows of one table by their keys: a lookup and a range cost what they return, not what the table holds. Lookups have
 * a map of their own, because a tree of millions of keys compares with twenty that are in no cache.
 */
export class RowIndex {
  readonly #partitions = new Map<string, Partition>();

  get size(): number {
    return [...this.#partitions.values()].reduce((sum, { rows }) => sum + rows.size, 0);
  }

  /** Put a row in, in the place of the one with its keys. */
  set(partitionKey: string, row: Row): void {
    const partition = this.#partitionOf(partitionKey);
    const { rows, latest } = partition;
    const before = rows.size;
    rows.set(row.rowKey, row);
    if (rows.size === before) return;
    latest.add(row.rowKey);
    if (latest.size >= orderedTogether) putInOrder(partition);
  }

  delete(partitionKey: string, rowKey: string): void {
    const partition = this.#partitions.get(partitionKey);
    if (partition?.rows.delete(rowKey) && !partition.latest.delete(rowKey)) partition.inOrder.delete(rowKey);
  }

  find(partitionKey: string, rowKey: string): Row | undefined {
    return this.#partitions.get(partitionKey)?.rows.get(rowKey);
  }

  /** Rows of a partition from one row key to another, both included, in order; without an end to the last. */
  *range(partitionKey: string, from = '', to?: string): Iterable<Placed> {
    const partition = this.#partitions.get(partitionKey);
    if (partition === undefined) return;
    putInOrder(partition);
    for (const rowKey of partition.inOrder.keys(from)) {
      if (to !== undefined && rowKey > to) return;
      const row = partition.rows.get(rowKey);
      if (row) yield { partitionKey, row };
    }
  }

  /** Every row from these keys on, by partition key and row key. */
  *all(fromPartition = '', fromRow = ''): Iterable<Placed> {
    const partitionKeys = [...this.#partitions.keys()].filter((key) => key >= fromPartition).sort();
    for (const key of partitionKeys) yield* this.range(key, key === fromPartition ? fromRow : '');
  }

  /** The rows of this moment, partition by partition, whatever changes while they are gone through. */
  snapshot(): { partitionKey: string; rows: readonly Row[] }[] {
    return [...this.#partitions].map(([partitionKey, { rows }]) => ({ partitionKey, rows: [...rows.values()] }));
  }

  #partitionOf(partitionKey: string): Partition {
    const known = this.#partitions.get(partitionKey);
    if (known) return known;
    const inOrder = new BTree<string, undefined>(undefined, simpleComparator);
    const partition = { rows: new Map<string, Row>(), inOrder, latest: new Set<string>() };
    this.#partitions.set(partitionKey, partition);
    return partition;
  }
}

function putInOrder({ inOrder, latest }: Partition): void {
  for (const rowKey of [...latest].sort()) inOrder.set(rowKey, undefined);
  latest.clear();
}
