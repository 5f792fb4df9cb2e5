import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { Trigger } from '../../contracts/trigger.js';
import { TriggerState } from '../../contracts/trigger-state.js';
import type { Decision } from '../../domain/decision.js';
import { toSnapshots } from '../../domain/trigger.js';
import { type LedgerEntry, toFirstState } from '../../ports/ledger.js';
import { fromJsonColumns, toRecordedColumns } from './json-column.js';
import { toOldestFirst, toPartitionKey } from './keys.js';
import type { Row } from './requests.js';
import { toVerdictActions, toVerdictRowKey } from './verdict-rows.js';

/** Partition of a trigger, from its id alone; the same as its verdict's. */
export function toTriggerPartition(triggerId: string, buckets: number): string {
  const [stage = '', bucket = ''] = triggerId.split('.');
  return toPartitionKey(stage, bucket, buckets);
}

export function toTriggerRowKey(triggerId: string): string {
  return `trigger!${triggerId}`;
}

/** Start of the row keys of the index of unsent triggers. */
export const unsentPrefix = 'unsent!';

/** Row key of the index of unsent triggers, oldest first; a function of the trigger, so it can be deleted unread. */
export function toUnsentRowKey(trigger: Pick<Trigger, 'triggerId' | 'decidedAt'>): string {
  return `${unsentPrefix}${toOldestFirst(Date.parse(trigger.decidedAt))}!${trigger.triggerId}`;
}

/** The same of an entry; undefined for one that a page lists, which is dropped once all it lists have left. */
export function toOwnUnsentRowKey({ trigger, unsentPage }: LedgerEntry): string | undefined {
  return unsentPage === undefined ? toUnsentRowKey(trigger) : undefined;
}

/** Row key of the index of triggers that the topic never takes, oldest first. */
export function toRefusedRowKey(trigger: Pick<Trigger, 'triggerId' | 'decidedAt'>): string {
  return `refused!${toOldestFirst(Date.parse(trigger.decidedAt))}!${trigger.triggerId}`;
}

/** Start of the row keys of held triggers; their subscription follows. */
export const heldPrefix = 'held!';

/** Start of the row keys of a subscription's held triggers. */
export function toHeldPrefix(subscription: string): string {
  return `${heldPrefix}${subscription}!`;
}

/** Row key of a held trigger, oldest first within its subscription. */
export function toHeldRowKey(trigger: Pick<Trigger, 'triggerId' | 'decidedAt' | 'subscription'>): string {
  return `${toHeldPrefix(trigger.subscription)}${toOldestFirst(Date.parse(trigger.decidedAt))}!${trigger.triggerId}`;
}

/**
 * Row key of what a subscription made of a snapshot: its first trigger, or the mark of its retraction. Further triggers
 * with the same snapshot have their id behind it.
 */
export function toInputRowKey(subscription: string, snapshot: { name: string; revision: number }): string {
  return `${toInputPrefix(subscription)}${snapshot.name}!${snapshot.revision}!`;
}

/** Start of the row keys of a subscription's snapshots, which stand in the order of their names. */
export const toInputPrefix = (subscription: string): string => `input!${subscription}!`;

/**
 * Everything one decision writes, to be inserted together. `taken` holds the input rows that earlier triggers have:
 * touching them by etag makes a retraction in between refuse the transaction. `isPaged`: a row of the whole transaction
 * lists the trigger as unsent (`unsent-pages.ts`).
 */
export function toDecisionActions(
  decision: Decision,
  partitionKey: string,
  { taken = new Map(), isPaged = false }: { taken?: ReadonlyMap<string, Row> | undefined; isPaged?: boolean } = {},
): TransactionAction[] {
  const { trigger, initial } = decision;
  const actions = toVerdictActions(decision, partitionKey);
  if (trigger === undefined) return actions;
  const { triggerId, subscription } = trigger;
  const index = { partitionKey, TriggerId: triggerId };
  actions.push(['create', toTriggerRow(trigger, partitionKey, toFirstState(decision))]);
  if (initial === 'held') actions.push(['create', toHeldRow(trigger, partitionKey)]);
  else if (!isPaged) actions.push(['create', { ...index, rowKey: toUnsentRowKey(trigger) }]);
  // A revocation is about snapshots that are gone; it must not stand for them.
  if (trigger.kind === 'revocation') return actions;
  const named = { ...index, EventId: trigger.inputs[0]?.eventId ?? '' };
  for (const snapshot of toSnapshots(trigger)) {
    const rowKey = toInputRowKey(subscription, snapshot);
    const first = taken.get(rowKey);
    if (first === undefined) actions.push(['create', { ...named, rowKey }]);
    else {
      actions.push(['create', { ...named, rowKey: rowKey + triggerId }]);
      actions.push(['update', { partitionKey, rowKey, Shared: true }, 'Merge', { etag: first.etag }]);
    }
  }
  return actions;
}

/** Row keys that two decisions may have in common. */
export function toSharedKeys({ verdict, trigger }: Decision): string[] {
  const verdictKey = toVerdictRowKey(verdict);
  if (trigger === undefined) return [verdictKey];
  const snapshots = trigger.kind === 'revocation' ? [] : toSnapshots(trigger);
  const inputKeys = snapshots.map((snapshot) => toInputRowKey(trigger.subscription, snapshot));
  return [verdictKey, toTriggerRowKey(trigger.triggerId), ...inputKeys];
}

/** A trigger's row in its first state. */
function toTriggerRow(
  trigger: Trigger,
  partitionKey: string,
  { state, leaseUntil }: ReturnType<typeof toFirstState>,
): TableEntity {
  return {
    partitionKey,
    rowKey: toTriggerRowKey(trigger.triggerId),
    State: state,
    ...(leaseUntil !== undefined && { LeaseUntil: leaseUntil }),
    PendingSince: trigger.decidedAt,
    Subscription: trigger.subscription,
    Consumer: trigger.consumer,
    ...toRecordedColumns('Trigger', trigger),
  };
}

/** The index row of a held trigger; it has the body too, so that a subscription's backlog is one query. */
export function toHeldRow(trigger: Trigger, partitionKey: string): TableEntity {
  return { partitionKey, rowKey: toHeldRowKey(trigger), ...toRecordedColumns('Trigger', trigger) };
}

/** The trigger in its own row, or in the one that indexes it while it is held. */
export function fromTriggerColumns(row: Row): Trigger {
  return Trigger.parse(fromJsonColumns('Trigger', row));
}

export function fromTriggerRow(row: Row): LedgerEntry {
  const { LeaseUntil: leaseUntil, SentAt: sentAt, AbsorbedInto: absorbedInto } = row;
  const { RefusedFor: refusedFor, ReopenedAt: reopenedAt, UnsentPage: unsentPage } = row;
  return {
    trigger: fromTriggerColumns(row),
    state: TriggerState.parse(row['State']),
    pendingSince: String(row['PendingSince']),
    ...(typeof leaseUntil === 'string' && leaseUntil !== '' && { leaseUntil }),
    ...(typeof sentAt === 'string' && { sentAt }),
    ...(typeof absorbedInto === 'string' && absorbedInto !== '' && { absorbedInto }),
    ...(typeof refusedFor === 'string' && refusedFor !== '' && { refusedFor }),
    ...(typeof reopenedAt === 'string' && { reopenedAt }),
    ...(typeof unsentPage === 'string' && unsentPage !== '' && { unsentPage }),
    etag: row.etag,
  };
}
