import type { TableClient } from '@azure/data-tables';
import type { LedgerEntry } from '../../ports/ledger.js';
import { fromTriggerRow, toTriggerRowKey } from './ledger-rows.js';
import { findRow } from './requests.js';
import type { Walked } from './walk.js';

/** A trigger as it stands in a partition, or undefined. @throws RetryableError | TerminalError */
export async function findEntry(
  table: TableClient,
  partitionKey: string,
  triggerId: string,
): Promise<LedgerEntry | undefined> {
  const row = await findRow(table, partitionKey, toTriggerRowKey(triggerId));
  return row && fromTriggerRow(row);
}

/** The trigger in a row or, of an index row, the one whose id ends its key. @throws RetryableError | TerminalError */
export async function findListed(
  table: TableClient,
  { row, rest, partition }: Walked,
): Promise<LedgerEntry | undefined> {
  if (row['State'] !== undefined) return fromTriggerRow(row);
  return findEntry(table, partition, rest.slice(rest.lastIndexOf('!') + 1));
}
