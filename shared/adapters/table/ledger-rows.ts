import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { z } from 'zod';
import { Trigger } from '../../contracts/trigger.js';
import { Verdict } from '../../contracts/verdict.js';
import type { Decision, LedgerEntry, TriggerState } from '../../ports/ledger.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { toNewestFirst, toOldestFirst, toPartitionKey, toPartitionOf } from './keys.js';
import type { Row } from './requests.js';

const TriggerStateColumn = z.enum(['pending', 'dispatching', 'sent']);

/** Partition of a verdict: its subscription's, in the subscription's stage. */
export function toVerdictPartition(verdict: Verdict, buckets: number): string {
  return toPartitionOf(verdict.subscriptionStage, verdict.subscription, buckets);
}

/** Partition of a trigger, from its id alone; the same as its verdict's. */
export function toTriggerPartition(triggerId: string, buckets: number): string {
  const [stage = '', bucket = ''] = triggerId.split('.');
  return toPartitionKey(stage, bucket, buckets);
}

export function toVerdictRowKey(verdict: Pick<Verdict, 'signalId' | 'subscription'>): string {
  return `verdict!${verdict.signalId}!${verdict.subscription}`;
}

export function toTriggerRowKey(triggerId: string): string {
  return `trigger!${triggerId}`;
}

/** Row key of the index of unsent triggers, oldest first; a function of the trigger, so it can be deleted unread. */
export function toUnsentRowKey(trigger: Pick<Trigger, 'triggerId' | 'decidedAt'>): string {
  return `unsent!${toOldestFirst(Date.parse(trigger.decidedAt))}!${trigger.triggerId}`;
}

export function toVerdictRow(verdict: Verdict, partitionKey: string): TableEntity {
  return {
    partitionKey,
    rowKey: toVerdictRowKey(verdict),
    Outcome: verdict.outcome,
    Consumer: verdict.consumer,
    EventId: verdict.eventId,
    TriggerId: verdict.triggerId,
    DecidedAt: verdict.decidedAt,
    RegistryVersion: verdict.registryVersion,
    ...toJsonColumns('Verdict', verdict),
  };
}

export function fromVerdictRow(row: Row): Verdict {
  return Verdict.parse(fromJsonColumns('Verdict', row));
}

/** Everything one decision writes, to be inserted together. */
export function toDecisionActions({ verdict, trigger }: Decision, partitionKey: string): TransactionAction[] {
  const actions: TransactionAction[] = [['create', toVerdictRow(verdict, partitionKey)]];
  if (trigger === undefined) return actions;
  const index = { partitionKey, TriggerId: trigger.triggerId };
  const newestFirst = toNewestFirst(Date.parse(trigger.decidedAt));
  actions.push(
    ['create', toTriggerRow(trigger, partitionKey)],
    ['create', { ...index, rowKey: toUnsentRowKey(trigger) }],
    ['create', { ...index, rowKey: `consumer!${trigger.consumer}!${newestFirst}!${trigger.triggerId}` }],
  );
  return actions;
}

function toTriggerRow(trigger: Trigger, partitionKey: string): TableEntity {
  const state: TriggerState = 'pending';
  return {
    partitionKey,
    rowKey: toTriggerRowKey(trigger.triggerId),
    State: state,
    PendingSince: trigger.decidedAt,
    Subscription: trigger.subscription,
    Consumer: trigger.consumer,
    ...toJsonColumns('Trigger', trigger),
  };
}

export function fromTriggerRow(row: Row): LedgerEntry {
  const { LeaseUntil: leaseUntil, SentAt: sentAt } = row;
  return {
    trigger: Trigger.parse(fromJsonColumns('Trigger', row)),
    state: TriggerStateColumn.parse(row['State']),
    pendingSince: String(row['PendingSince']),
    ...(typeof leaseUntil === 'string' && { leaseUntil }),
    ...(typeof sentAt === 'string' && { sentAt }),
    etag: row.etag,
  };
}
