import { mergeInto, type Row } from '../tables/row.js';
import type { RowIndex } from '../tables/row-index.js';
import type { RowChange } from '../tables/transactions.js';
import { isPlainKey, type PlainRow, toPlainRow } from './plain-columns.js';
import type { BatchRequest } from './read-batch.js';

/** A request of a batch with what it does. */
export interface Step {
  readonly request: BatchRequest;
  readonly change: RowChange;
}

/** What a batch does to one partition. */
export interface Plan {
  readonly partitionKey: string;
  readonly steps: readonly Step[];
}

const mostRequests = 100;

/**
 * What the requests of a batch do, when nothing stands in the way of any of them; undefined when one is to be refused, or
 * is out of the ordinary.
 */
export function planChanges(
  requests: readonly BatchRequest[],
  rows: RowIndex,
  nextETag: () => string,
): Plan | undefined {
  const steps = new Map<string, Step>();
  let partition: string | undefined;
  if (requests.length > mostRequests) return undefined;
  for (const request of requests) {
    const sent = request.verb === 'DELETE' ? undefined : toPlainRow(request.body);
    const { partitionKey, rowKey } = request.keys ?? sent ?? {};
    if (!isPlainKey(partitionKey) || !isPlainKey(rowKey) || steps.has(rowKey)) return undefined;
    if (partitionKey !== (partition ??= partitionKey)) return undefined;
    const row = toChanged({ request, sent, rowKey, stored: rows.find(partitionKey, rowKey) }, nextETag);
    if (row === 'refused') return undefined;
    steps.set(rowKey, { request, change: { rowKey, row } });
  }
  return partition === undefined ? undefined : { partitionKey: partition, steps: [...steps.values()] };
}

interface Asked {
  readonly request: BatchRequest;
  readonly sent: PlainRow | undefined;
  readonly rowKey: string;
  readonly stored: Row | undefined;
}

/** The row that a request leaves, undefined for none. */
function toChanged({ request, sent, rowKey, stored }: Asked, nextETag: () => string): Row | undefined | 'refused' {
  const { verb, ifMatch, prefer } = request;
  if (verb === 'DELETE') return isMet(ifMatch ?? '*', stored) ? undefined : 'refused';
  if (sent === undefined) return 'refused';
  const { columns, json } = sent;
  switch (verb) {
    case 'POST':
      if (stored !== undefined || prefer !== 'return-no-content') return 'refused';
      return { rowKey, eTag: nextETag(), json };
    case 'PUT':
      if (!isMet(ifMatch, stored)) return 'refused';
      return { rowKey, eTag: nextETag(), json };
    case 'PATCH':
      if (!isMet(ifMatch, stored)) return 'refused';
      return stored ? mergeInto(stored, columns, nextETag()) : { rowKey, eTag: nextETag(), json };
    default:
      return verb satisfies never;
  }
}

/** Without a condition the row need not be there. */
function isMet(ifMatch: string | undefined, stored: Row | undefined): boolean {
  if (ifMatch === undefined) return true;
  return stored !== undefined && (ifMatch === '*' || ifMatch === stored.eTag);
}
