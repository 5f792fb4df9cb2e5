import type { TableClient, TransactionAction } from '@azure/data-tables';
import { FlowState } from '../../contracts/flow-state.js';
import type { Hold, Trigger, TriggerRef } from '../../contracts/trigger.js';
import type { ReleasePlan } from '../../domain/flow/plan-release.js';
import { heldPerPlan, type HeldTriggers } from '../../ports/held-triggers.js';
import type { LedgerEntry } from '../../ports/ledger.js';
import { fromJsonColumns, toJsonColumns, toRecordedColumns } from './json-column.js';
import { toPartitionOf, toStagePartitions } from './keys.js';
import { findEntry } from './ledger-entry.js';
import {
  fromTriggerColumns,
  heldPrefix,
  toHeldPrefix,
  toHeldRow,
  toHeldRowKey,
  toTriggerPartition,
  toTriggerRowKey,
  toUnsentRowKey,
} from './ledger-rows.js';
import { findRow, listRows, raced, type Row, toWrite, transact, untilApplied } from './requests.js';
import { listNames } from './walk.js';

/** The held triggers of a ledger in Table Storage. */
export function createHeldTriggers(table: TableClient, buckets: number): HeldTriggers {
  return {
    async listHeldSubscriptions(stage) {
      const found = await Promise.all(
        toStagePartitions(stage, buckets).map((key) => listNames(table, key, heldPrefix)),
      );
      return found.flat();
    },

    async listHeld({ stage, subscription }, limit) {
      const prefix = toHeldPrefix(subscription);
      const rows = await listRows(table, toPartitionOf(stage, subscription, buckets), { prefix, limit });
      return rows.map(fromTriggerColumns);
    },

    async regulate({ stage, subscription }, plan) {
      const partitionKey = toPartitionOf(stage, subscription, buckets);
      return untilApplied(`what ${subscription} holds`, async () => {
        const flowRow = await findRow(table, partitionKey, toFlowRowKey(subscription));
        const rows = await listRows(table, partitionKey, { prefix: toHeldPrefix(subscription), limit: heldPerPlan });
        const planned = plan(rows.map(fromTriggerColumns), fromFlowRow(flowRow));
        const actions = toActions(planned, partitionKey);
        if (actions.length === 0) return { released: [], more: false };
        const answer = await transact(table, [
          ...actions,
          toFlowAction(planned, { partitionKey, subscription, flowRow }),
        ]);
        if (!answer.applied) return raced;
        return { released: planned.release.map(toPending(answer.etags, planned.at)), more: planned.more };
      });
    },

    hold: (trigger, heldFor) =>
      holdTrigger(table, toTriggerPartition(trigger.triggerId, buckets), { trigger, heldFor }),
  };
}

function toFlowRowKey(subscription: string): string {
  return `flow!${subscription}`;
}

function fromFlowRow(row: Row | undefined): FlowState {
  return row ? FlowState.parse(fromJsonColumns('Flow', row)) : { releasedAt: [] };
}

/** The flow row is written with every plan: its etag keeps plans of two instances apart. */
function toFlowAction(
  { flow }: ReleasePlan,
  place: { partitionKey: string; subscription: string; flowRow: Row | undefined },
): TransactionAction {
  const { partitionKey, subscription, flowRow } = place;
  const row = { partitionKey, rowKey: toFlowRowKey(subscription), ...toJsonColumns('Flow', flow) };
  return toWrite(row, flowRow);
}

/** The deleted or replaced index row makes the transaction fail when a trigger is not held any more. */
function toActions({ at, release, absorb, keep }: ReleasePlan, partitionKey: string): TransactionAction[] {
  const change = (triggerId: string, columns: Record<string, unknown>): TransactionAction => [
    'update',
    { partitionKey, rowKey: toTriggerRowKey(triggerId), ...columns },
    'Merge',
  ];
  const released = release.flatMap((trigger): TransactionAction[] => [
    change(trigger.triggerId, {
      State: 'pending',
      PendingSince: at,
      ...toRecordedColumns('Trigger', trigger),
    }),
    ['delete', { partitionKey, rowKey: toHeldRowKey(trigger) }],
    ['create', { partitionKey, rowKey: toUnsentRowKey(trigger), TriggerId: trigger.triggerId }],
  ]);
  const absorbed = absorb.flatMap(({ trigger, into }): TransactionAction[] => [
    change(trigger.triggerId, { State: 'absorbed', AbsorbedInto: into }),
    ['delete', { partitionKey, rowKey: toHeldRowKey(trigger) }],
  ]);
  const kept = keep.flatMap((trigger): TransactionAction[] => [
    change(trigger.triggerId, toRecordedColumns('Trigger', trigger)),
    ['update', toHeldRow(trigger, partitionKey), 'Replace'],
  ]);
  return [...released, ...absorbed, ...kept];
}

function toPending(etags: ReadonlyMap<string, string>, pendingSince: string): (trigger: Trigger) => LedgerEntry {
  return (trigger) => ({
    trigger,
    state: 'pending',
    pendingSince,
    etag: etags.get(toTriggerRowKey(trigger.triggerId)) ?? '',
  });
}

async function holdTrigger(
  table: TableClient,
  partitionKey: string,
  { trigger, heldFor }: { trigger: TriggerRef; heldFor: readonly Hold[] },
): Promise<boolean> {
  const entry = await findEntry(table, partitionKey, trigger.triggerId);
  if (entry?.state !== 'pending') return false;
  const body = entry.trigger;
  const held: Trigger = { ...body, heldFor: [...(body.heldFor ?? []), ...heldFor] };
  const rowKey = toTriggerRowKey(trigger.triggerId);
  const answer = await transact(table, [
    [
      'update',
      { partitionKey, rowKey, State: 'held', ...toRecordedColumns('Trigger', held) },
      'Merge',
      { etag: entry.etag },
    ],
    ['delete', { partitionKey, rowKey: toUnsentRowKey(trigger) }],
    ['create', toHeldRow(held, partitionKey)],
  ]);
  return answer.applied;
}
