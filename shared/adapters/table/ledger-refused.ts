import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { TriggerState } from '../../contracts/trigger-state.js';
import type { Ledger, LedgerEntry } from '../../ports/ledger.js';
import { fromTriggerRow, toRefusedRowKey, toTriggerPartition, toTriggerRowKey, toUnsentRowKey } from './ledger-rows.js';
import { findRow, raced, transact, untilApplied } from './requests.js';

/** Triggers that the topic never takes, in Table Storage: an index of their own in place of that of unsent ones. */
export function createRefusedTriggers(table: TableClient, buckets: number): Pick<Ledger, 'markRefused' | 'reopen'> {
  /** Move a trigger from one state to another with its index row; `false` when it was in none of `from`. */
  async function move(triggerId: string, from: ReadonlySet<TriggerState>, step: (entry: LedgerEntry) => Step) {
    const partitionKey = toTriggerPartition(triggerId, buckets);
    return untilApplied(`trigger ${triggerId}`, async () => {
      const row = await findRow(table, partitionKey, toTriggerRowKey(triggerId));
      const entry = row && fromTriggerRow(row);
      if (entry === undefined || !from.has(entry.state)) return false;
      const { columns, gone, added } = step(entry);
      const actions: TransactionAction[] = [
        ['update', { partitionKey, rowKey: toTriggerRowKey(triggerId), ...columns }, 'Merge', { etag: entry.etag }],
        ['delete', { partitionKey, rowKey: gone }],
        ['create', { partitionKey, rowKey: added, TriggerId: triggerId }],
      ];
      return (await transact(table, actions)).applied ? true : raced;
    });
  }

  return {
    async markRefused(refusals) {
      const refuse = (reason: string) => (entry: LedgerEntry) => ({
        columns: { State: 'refused', RefusedFor: reason, LeaseUntil: '' },
        gone: toUnsentRowKey(entry.trigger),
        added: toRefusedRowKey(entry.trigger),
      });
      await Promise.all(refusals.map(({ triggerId, reason }) => move(triggerId, unsent, refuse(reason))));
    },
    reopen: (triggerId) =>
      move(triggerId, refused, ({ trigger }) => ({
        columns: { State: 'pending', RefusedFor: '' },
        gone: toRefusedRowKey(trigger),
        added: toUnsentRowKey(trigger),
      })),
  };
}

/** What changes with the state: columns of the trigger, and its index row. */
interface Step {
  readonly columns: Readonly<Record<string, string>>;
  readonly gone: string;
  readonly added: string;
}

const unsent: ReadonlySet<TriggerState> = new Set(['pending', 'dispatching']);
const refused: ReadonlySet<TriggerState> = new Set(['refused']);
