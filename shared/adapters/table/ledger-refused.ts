import type { TableClient, TransactionAction } from '@azure/data-tables';
import { isUnsent, type Ledger, type LedgerEntry, type TriggerRefusal } from '../../ports/ledger.js';
import { findEntry } from './ledger-entry.js';
import {
  toOwnUnsentRowKey,
  toRefusedRowKey,
  toTriggerPartition,
  toTriggerRowKey,
  toUnsentRowKey,
} from './ledger-rows.js';
import { raced, transact, untilApplied } from './requests.js';

/** Triggers that the topic never takes, in Table Storage: an index of their own in place of that of unsent ones. */
export function createRefusedTriggers(table: TableClient, buckets: number): Pick<Ledger, 'markRefused' | 'reopen'> {
  /** Change a trigger's columns and, with them, its index row; `false` when there is no step from what it is. */
  async function change(triggerId: string, toStep: (entry: LedgerEntry) => Step | undefined): Promise<boolean> {
    const partitionKey = toTriggerPartition(triggerId, buckets);
    return untilApplied(`trigger ${triggerId}`, async () => {
      const entry = await findEntry(table, partitionKey, triggerId);
      const step = entry && toStep(entry);
      if (entry === undefined || step === undefined) return false;
      const { columns, index } = step;
      const update = { partitionKey, rowKey: toTriggerRowKey(triggerId), ...columns };
      const actions: TransactionAction[] = [['update', update, 'Merge', { etag: entry.etag }]];
      if (index) {
        if (index.gone !== undefined) actions.push(['delete', { partitionKey, rowKey: index.gone }]);
        actions.push(['create', { partitionKey, rowKey: index.added, TriggerId: triggerId }]);
      }
      return (await transact(table, actions)).applied ? true : raced;
    });
  }

  return {
    async markRefused(refusals) {
      await Promise.all(refusals.map((refusal) => change(refusal.triggerId, (entry) => toRefused(entry, refusal))));
    },
    reopen: (triggerId, at) => change(triggerId, (entry) => toReopened(entry, at)),
  };
}

/** What changes: columns of the trigger, and its index row where the state is indexed elsewhere. */
interface Step {
  readonly columns: Readonly<Record<string, string>>;
  readonly index?: { readonly gone: string | undefined; readonly added: string };
}

function toRefused(entry: LedgerEntry, { reason, reopenedAt }: TriggerRefusal): Step | undefined {
  if (!isUnsent(entry) || entry.reopenedAt !== reopenedAt) return undefined;
  return {
    columns: { State: 'refused', RefusedFor: reason, LeaseUntil: '' },
    index: { gone: toOwnUnsentRowKey(entry), added: toRefusedRowKey(entry.trigger) },
  };
}

function toReopened(entry: LedgerEntry, at: string): Step | undefined {
  if (isUnsent(entry)) return { columns: { ReopenedAt: at } };
  if (entry.state !== 'refused') return undefined;
  return {
    columns: { State: 'pending', RefusedFor: '', ReopenedAt: at, UnsentPage: '' },
    index: { gone: toRefusedRowKey(entry.trigger), added: toUnsentRowKey(entry.trigger) },
  };
}
