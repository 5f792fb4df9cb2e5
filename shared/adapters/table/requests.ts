import { odata, RestError, type TableClient, type TableEntity, type TransactionAction } from '@azure/data-tables';
import { RetryableError } from '../../ports/errors.js';
import { translating } from '../port-errors.js';
import { toPrefixEnd } from './keys.js';
import { submitTransaction } from './transaction/submit.js';

/** A row as the client returns it. */
export type Row = TableEntity<Record<string, unknown>> & { etag: string };

/** Answer to a transaction: applied with the new etags by row key, or refused because of a row. */
export type TransactionOutcome =
  | { readonly applied: true; readonly etags: ReadonlyMap<string, string> }
  | { readonly applied: false; readonly statusCode: number };

/** What a refusal by a row's state looks like: exists (409), changed (412), absent (404). */
const stateConflicts = new Set([404, 409, 412]);
const maxActions = 100;
/** Below the service's 4 MiB, leaving room for the multipart frame. */
const maxBytes = 3_000_000;

/**
 * Apply one transaction; a conflict with a row's state is a value, not an error. An update under an empty etag, which the
 * service would apply whatever the row holds, counts as one under an etag that no longer holds.
 * @throws RetryableError | TerminalError
 */
export async function transact(table: TableClient, actions: TransactionAction[]): Promise<TransactionOutcome> {
  if (actions.some(isUnguarded)) return { applied: false, statusCode: 412 };
  return translating(`write to ${table.tableName}`, async () => {
    try {
      const etags = await submitTransaction(table, actions);
      return { applied: true, etags: new Map(actions.map(([, { rowKey }], index) => [rowKey, etags[index] ?? ''])) };
    } catch (error) {
      const statusCode = toConflict(error, table);
      if (statusCode === undefined) throw error;
      return { applied: false, statusCode };
    }
  });
}

function isUnguarded(action: TransactionAction): boolean {
  return action[0] === 'update' && action[3]?.etag === '';
}

/** A missing table is a fault of the set-up, not a missing row. */
function toConflict(error: unknown, table: TableClient): number | undefined {
  if (!(error instanceof RestError) || error.statusCode === undefined) return undefined;
  if (isMissingTable(error)) {
    throw new Error(`table ${table.tableName} does not exist; run "outport registry apply" to create the tables`, {
      cause: error,
    });
  }
  return stateConflicts.has(error.statusCode) ? error.statusCode : undefined;
}

/** Of a transaction the code says it; of other requests the client puts the service's answer into the message. */
function isMissingTable({ code, message }: RestError): boolean {
  return code === 'TableNotFound' || message.includes('TableNotFound');
}

/** What an attempt answers when a row changed between its read and its write. */
export const raced = Symbol('raced');
const maxRaces = 10;

/** Read, decide and write again until no row changed in between. @throws RetryableError when others are always first. */
export async function untilApplied<T>(what: string, attempt: () => Promise<T | typeof raced>): Promise<T> {
  for (let race = 0; race < maxRaces; race += 1) {
    const answer = await attempt();
    if (answer !== raced) return answer;
  }
  throw new RetryableError(`${what} changed ${maxRaces} times while it was being written`);
}

/** Create the row where none was read, or replace the one that was, provided it is the same still. */
export function toWrite(row: TableEntity, read: { etag: string } | undefined): TransactionAction {
  return read === undefined ? ['create', row] : ['update', row, 'Replace', { etag: read.etag }];
}

/** Insert one row if absent; `false` when it was there. */
export async function insertIfAbsent(table: TableClient, row: TableEntity): Promise<boolean> {
  const outcome = await transact(table, [['create', row]]);
  return outcome.applied;
}

/** The row, or undefined. @throws RetryableError | TerminalError */
export async function findRow(table: TableClient, partitionKey: string, rowKey: string): Promise<Row | undefined> {
  return translating(`read from ${table.tableName}`, async () => {
    try {
      const row: unknown = await table.getEntity(partitionKey, rowKey);
      return row as Row; // every stored row has its keys and an etag
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404 && !isMissingTable(error)) return undefined;
      throw error;
    }
  });
}

/** Rows of one partition whose row key starts with `prefix`, in key order, at most `limit`, before `end` if given. */
export async function listRows(
  table: TableClient,
  partitionKey: string,
  range: { prefix: string; end?: string; limit?: number },
): Promise<Row[]> {
  const end = range.end ?? toPrefixEnd(range.prefix);
  const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${range.prefix} and RowKey lt ${end}`;
  return queryRows(table, { filter }, range.limit);
}

/** Rows that a filter lets through, in key order, at most `limit`. @throws RetryableError | TerminalError */
export async function queryRows(
  table: TableClient,
  queryOptions: { filter: string; select?: string[] },
  limit = Number.POSITIVE_INFINITY,
): Promise<Row[]> {
  return translating(`query ${table.tableName}`, async () => {
    const rows: Row[] = [];
    for await (const page of table.listEntities({ queryOptions }).byPage({ maxPageSize: Math.min(limit, 1_000) })) {
      rows.push(...(page as Row[])); // every stored row has its keys and an etag
      if (rows.length >= limit) break;
    }
    return rows.slice(0, limit);
  });
}

/**
 * Split units of work that must stay whole into transactions within the service's limits; `spare` actions more have room
 * in each.
 */
export function toTransactions<T extends { actions: TransactionAction[] }>(units: readonly T[], spare = 0): T[][] {
  const groups: T[][] = [];
  let actions = maxActions;
  let bytes = maxBytes;
  for (const unit of units) {
    const unitBytes = unit.actions.reduce((sum, [, row]) => sum + estimateBytes(row), 0);
    if (actions + unit.actions.length > maxActions - spare || bytes + unitBytes > maxBytes) {
      groups.push([]);
      actions = 0;
      bytes = 0;
    }
    groups.at(-1)?.push(unit);
    actions += unit.actions.length;
    bytes += unitBytes;
  }
  return groups;
}

function estimateBytes(row: Readonly<Record<string, unknown>>): number {
  const sizes = Object.values(row).map((value) => {
    if (value instanceof Uint8Array) return value.byteLength * 1.4;
    return typeof value === 'string' ? value.length * 2 : 32;
  });
  return sizes.reduce((sum, size) => sum + size + 96, 600);
}

/** Group items by key, keeping the order within each group. */
export function groupBy<T>(items: readonly T[], toKey: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = toKey(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
