import type { TableClient } from '@azure/data-tables';
import type { LedgerEntry } from '../../ports/ledger.js';
import { fromTriggerRow, toTriggerRowKey } from './ledger-rows.js';
import { findRow } from './requests.js';

/** A trigger as it stands in a partition, or undefined. @throws RetryableError | TerminalError */
export async function findEntry(
  table: TableClient,
  partitionKey: string,
  triggerId: string,
): Promise<LedgerEntry | undefined> {
  const row = await findRow(table, partitionKey, toTriggerRowKey(triggerId));
  return row && fromTriggerRow(row);
}
