import type { TableClient } from '@azure/data-tables';
import { isUnsent, type LedgerEntry } from '../../ports/ledger.js';
import type { PageRequest } from '../../ports/page.js';
import { toOldestFirst } from './keys.js';
import { findEntry } from './ledger-entry.js';
import { unsentPrefix } from './ledger-rows.js';
import { listRows, type Row, transact } from './requests.js';
import { toListedIds } from './unsent-pages.js';
import { type Walked, walkRanges } from './walk.js';

/**
 * Unsent triggers that the index lists before a time, oldest row first, at most `limit` or one page. A page is dropped on
 * the way once all it lists have left: who sent a part of it left it. @throws RetryableError | TerminalError
 */
export async function listUnsentBefore(
  table: TableClient,
  partitions: readonly string[],
  { beforeMs, limit }: { beforeMs: number; limit: number },
): Promise<LedgerEntry[]> {
  const range = { prefix: unsentPrefix, end: `${unsentPrefix}${toOldestFirst(beforeMs)}`, limit };
  const rows = (await Promise.all(partitions.map((partition) => listRows(table, partition, range)))).flat();
  const listed = await Promise.all(takeWhole(rows, limit).map((row) => readListed(table, row)));
  // One that was tried again after a refusal has a row of its own beside its page.
  return [...new Map(listed.flat().map((entry) => [entry.trigger.triggerId, entry])).values()];
}

/** The first rows that list no more than `limit` together; the first in any case. */
function takeWhole(rows: readonly Row[], limit: number): Row[] {
  let count = 0;
  return rows.filter((row, place) => (count += toListedIds(row).length) <= limit || place === 0);
}

async function readListed(table: TableClient, row: Row): Promise<LedgerEntry[]> {
  const { partitionKey = '', rowKey = '' } = row;
  const found = await Promise.all(toListedIds(row).map((id) => findEntry(table, partitionKey, id)));
  const unsent = found.filter((entry) => entry !== undefined).filter(isUnsent);
  const isOver = unsent.length === 0 && row['TriggerIds'] !== undefined;
  if (isOver) await transact(table, [['delete', { partitionKey, rowKey }]]);
  return unsent;
}

/** A trigger that the index lists. `rest` orders it among all, and is where to go on behind. */
type Listed = Walked & { readonly triggerId: string };

/** What the index lists, in its order, at most `limit`; triggers that left are among those of a page. */
export async function walkUnsent(
  table: TableClient,
  partitions: readonly string[],
  { after, limit }: PageRequest,
): Promise<Listed[]> {
  // The row that `after` names may list more behind it.
  const from = after === undefined ? {} : { from: after.split(placeMark)[0] ?? '' };
  const ranges = partitions.map((partition) => ({ partition, prefix: unsentPrefix, ...from }));
  const listed = (await walkRanges(table, ranges, limit + 1)).flatMap(toListed);
  return listed.filter(({ rest }) => after === undefined || rest > after).slice(0, limit);
}

/** Between the rest of a row's key and the place in its list, two digits. */
const placeMark = '~';

function toListed(walked: Walked): Listed[] {
  return toListedIds(walked.row).map((triggerId, place) => {
    return { ...walked, triggerId, rest: `${walked.rest}${placeMark}${String(place).padStart(2, '0')}` };
  });
}
