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
    const units = [
      ...group.map((trigger) => toSent(trigger, { partitionKey, sentAt })),
      ...toWholePages(group).map((rowKey): Unit => ({ actions: [['delete', { partitionKey, rowKey }]] })),
    ];
    return toTransactions(units).map((each) => applySent(table, each));
  });
  await Promise.all(marked);
}

function toSent(trigger: SentTrigger, { partitionKey, sentAt }: { partitionKey: string; sentAt: string }): Unit {
  const rowKey = toTriggerRowKey(trigger.triggerId);
  const sent = { partitionKey, rowKey, State: 'sent', SentAt: sentAt, LeaseUntil: '' };
  const update: TransactionAction = ['update', sent, 'Merge'];
  if (trigger.unsentPage !== undefined) return { actions: [update] };
  return { actions: [update, ['delete', { partitionKey, rowKey: toUnsentRowKey(trigger) }]] };
}

/** Pages of which every trigger is among these. */
function toWholePages(triggers: readonly SentTrigger[]): string[] {
  const pages = groupBy(triggers, ({ unsentPage }) => unsentPage ?? '');
  pages.delete('');
  return [...pages].filter(([page, listed]) => listed.length === toPageLength(page)).map(([page]) => page);
}

/** An index row that is gone already fails its transaction; then each action runs alone, and absence is success. */
async function applySent(table: TableClient, units: readonly Unit[]): Promise<void> {
  const actions = units.flatMap((unit) => unit.actions);
  const { applied } = await transact(table, actions);
  if (applied) return;
  for (const action of actions) await transact(table, [action]);
}
