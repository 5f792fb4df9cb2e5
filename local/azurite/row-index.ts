/** A row as Azurite keeps it. */
export interface KeyedRow {
  readonly PartitionKey: string;
  readonly RowKey: string;
}

interface Partition<R> {
  readonly rows: Map<string, R>;
  /** Row keys in order of their UTF-16 code units, as the service orders them. */
  readonly keys: string[];
}

/** The rows of one table by their keys: a lookup and a range cost what they return, not what the table holds. */
export class RowIndex<R extends KeyedRow> {
  readonly #partitions = new Map<string, Partition<R>>();

  constructor(rows: Iterable<R>) {
    for (const row of rows) this.add(row);
  }

  add(row: R): void {
    const partition = this.#partitions.get(row.PartitionKey) ?? { rows: new Map<string, R>(), keys: [] };
    this.#partitions.set(row.PartitionKey, partition);
    if (!partition.rows.has(row.RowKey)) partition.keys.splice(findPosition(partition.keys, row.RowKey), 0, row.RowKey);
    partition.rows.set(row.RowKey, row);
  }

  /** Take out this very row; another that has its keys by now stays. */
  delete(row: R): void {
    const partition = this.#partitions.get(row.PartitionKey);
    if (partition?.rows.get(row.RowKey) !== row) return;
    partition.rows.delete(row.RowKey);
    partition.keys.splice(findPosition(partition.keys, row.RowKey), 1);
  }

  find(partitionKey: string, rowKey: string): R | undefined {
    return this.#partitions.get(partitionKey)?.rows.get(rowKey);
  }

  /** Rows of a partition from one row key to another, both included; without an end to the last. */
  range(partitionKey: string, from: string, to?: string): R[] {
    const partition = this.#partitions.get(partitionKey);
    if (partition === undefined) return [];
    const found: R[] = [];
    for (let at = findPosition(partition.keys, from); at < partition.keys.length; at += 1) {
      const key = partition.keys[at] ?? '';
      if (to !== undefined && key > to) break;
      const row = partition.rows.get(key);
      if (row !== undefined) found.push(row);
    }
    return found;
  }
}

/** Where a key is, or belongs, in a sorted list. */
function findPosition(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
