import { odata, type TableClient } from '@azure/data-tables';
import { toPrefixEnd } from './keys.js';
import { listRows, queryRows, type Row } from './requests.js';

/** A range of one partition: rows whose key starts with `prefix`; the other bounds are the rest of the key. */
export interface Range {
  readonly partition: string;
  readonly prefix: string;
  /** First rest of key, inclusive. */
  readonly from?: string;
  /** Rest of key behind the last one. */
  readonly end?: string;
  /** Rest of key to go on behind. */
  readonly after?: string;
  /** Column values that rows must have; the service filters within the range. */
  readonly where?: Readonly<Record<string, string>>;
  /** Columns to fetch; absent means all. */
  readonly select?: readonly string[];
}

/** A row with the part of its key that follows the prefix. */
export interface Walked {
  readonly row: Row;
  readonly rest: string;
  readonly partition: string;
}

/** Rows of a range in key order, at most `limit`. @throws RetryableError | TerminalError */
export async function walkRange(table: TableClient, range: Range, limit: number): Promise<Walked[]> {
  const { partition, prefix } = range;
  const select = range.select && ['PartitionKey', 'RowKey', ...range.select];
  const rows = await queryRows(table, { filter: toFilter(range), ...(select && { select }) }, limit);
  return rows.map((row) => ({ row, partition, rest: String(row.rowKey).slice(prefix.length) }));
}

/** Rows of several ranges as one list in the order of their rests of key, at most `limit`. */
export async function walkRanges(table: TableClient, ranges: readonly Range[], limit: number): Promise<Walked[]> {
  const perRange = await Promise.all(ranges.map((range) => walkRange(table, range, limit)));
  const merged = perRange.flat().sort((a, b) => (a.rest < b.rest ? -1 : a.rest > b.rest ? 1 : 0));
  return merged.slice(0, limit);
}

/**
 * The names that follow a prefix in the row keys of a partition, each up to its `!`: one small query per name, which skips
 * over the rows that have it. @throws RetryableError | TerminalError
 */
export async function listNames(table: TableClient, partition: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  const end = toPrefixEnd(prefix);
  for (let from = prefix; ;) {
    const [row] = await listRows(table, partition, { prefix: from, end, limit: 1 });
    const [name] = String(row?.rowKey ?? '')
      .slice(prefix.length)
      .split('!');
    if (row === undefined || name === undefined) return names;
    names.push(name);
    from = toPrefixEnd(`${prefix}${name}!`);
  }
}

/** How many rows a range has; fetches keys only. */
export async function countRange(table: TableClient, range: Range): Promise<number> {
  const rows = await walkRange(table, { ...range, select: [] }, Number.POSITIVE_INFINITY);
  return rows.length;
}

function toFilter({ partition, prefix, from, end, after, where = {} }: Range): string {
  const first = prefix + (from ?? '');
  const last = end === undefined ? toPrefixEnd(prefix) : prefix + end;
  const parts = [odata`PartitionKey eq ${partition} and RowKey lt ${last}`];
  parts.push(odata`RowKey ge ${first}`);
  if (after !== undefined) parts.push(odata`RowKey gt ${prefix + after}`);
  // Column names are ours; odata escapes the values.
  for (const [column, value] of Object.entries(where)) parts.push(`${column} ${odata`eq ${value}`}`);
  return parts.join(' and ');
}
