import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { SentTrigger } from '../../ports/ledger.js';
import { toTriggerPartition, toTriggerRowKey, toUnsentRowKey } from './ledger-rows.js';
import { groupBy, toTransactions, transact } from './requests.js';
import { toPageLength } from './unsent-pages.js';

interface Unit {
  readonly actions: TransactionAction[];
}

/**
 * Mark triggers sent and drop the index rows that list them: one transaction per partition. A page that lists others too
 * is left to the sweep (`unsent-listing.ts`).
 */
export async function markTriggersSent(
  table: TableClient,
  triggers: readonly SentTrigger[],
  { sentAt, buckets }: { sentAt: string; buckets: number },
): Promise<void> {
  const partitions = groupBy(triggers, ({ triggerId }) => toTriggerPartition(triggerId, buckets));
  const marked = [...partitions].flatMap(([partitionKey, group]) => {
    const units = [...groupBy(group, toListing)].map(([listing, listed]) =>
      toUnit(listing, listed, partitionKey, sentAt),
    );
    return toTransactions(units).map((each) => applySent(table, each));
  });
  await Promise.all(marked);
}

/** The index row that lists a trigger. */
function toListing(trigger: SentTrigger): string {
  return trigger.unsentPage ?? toUnsentRowKey(trigger);
}

/** In one transaction, so that a row goes only when all it lists are marked. */
function toUnit(listing: string, listed: readonly SentTrigger[], partitionKey: string, sentAt: string): Unit {
  const updates = listed.map(({ triggerId }): TransactionAction => {
    const sent = { State: 'sent', SentAt: sentAt, LeaseUntil: '' };
    return ['update', { partitionKey, rowKey: toTriggerRowKey(triggerId), ...sent }, 'Merge'];
  });
  const isWhole = listed[0]?.unsentPage === undefined || listed.length === toPageLength(listing);
  return { actions: isWhole ? [...updates, ['delete', { partitionKey, rowKey: listing }]] : updates };
}

/** An index row that is gone already fails its transaction; then each action runs alone, and absence is success. */
async function applySent(table: TableClient, units: readonly Unit[]): Promise<void> {
  const actions = units.flatMap((unit) => unit.actions);
  const { applied } = await transact(table, actions);
  if (applied) return;
  for (const action of actions) await transact(table, [action]);
}
