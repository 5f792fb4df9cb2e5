import { OrderedKeys } from './ordered-keys.js';
import type { Row } from './row.js';

/** A row and the partition it is in. */
export interface Placed {
  readonly partitionKey: string;
  readonly row: Row;
}

/** The rows of a partition, and their keys in order. */
interface Partition {
  readonly rows: Map<string, Row>;
  readonly keys: OrderedKeys;
}

/**
 * The rows of one table by their keys: a lookup and a range cost what they return, not what the table holds.
 */
export class RowIndex {
  readonly #partitions = new Map<string, Partition>();

  get size(): number {
    return [...this.#partitions.values()].reduce((sum, { rows }) => sum + rows.size, 0);
  }

  /** Put a row in, in the place of the one with its keys. */
  set(partitionKey: string, row: Row): void {
    const { rows, keys } = this.#partitionOf(partitionKey);
    const before = rows.size;
    rows.set(row.rowKey, row);
    if (rows.size > before) keys.add(row.rowKey);
  }

  delete(partitionKey: string, rowKey: string): void {
    const partition = this.#partitions.get(partitionKey);
    if (partition?.rows.delete(rowKey)) partition.keys.delete(rowKey);
  }

  find(partitionKey: string, rowKey: string): Row | undefined {
    return this.#partitions.get(partitionKey)?.rows.get(rowKey);
  }

  /** Rows of a partition from one row key to another, both included, in order; without an end to the last. */
  *range(partitionKey: string, from = '', to?: string): Iterable<Placed> {
    const partition = this.#partitions.get(partitionKey);
    if (partition === undefined) return;
    for (const rowKey of partition.keys.from(from)) {
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
    const partition = { rows: new Map<string, Row>(), keys: new OrderedKeys() };
    this.#partitions.set(partitionKey, partition);
    return partition;
  }
}
