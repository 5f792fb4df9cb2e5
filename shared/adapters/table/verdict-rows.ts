import type { TableEntity, TransactionAction } from '@azure/data-tables';
import type { Trigger } from '../../contracts/trigger.js';
import type { Verdict } from '../../contracts/verdict.js';
import type { Decision } from '../../domain/decision.js';
import { isListed } from '../../ports/ledger-queries.js';
import { toJsonColumns } from './json-column.js';
import { toNewestFirst, toPartitionOf } from './keys.js';

/** Partition of a verdict: its subscription's, in the subscription's stage. */
export function toVerdictPartition(
  verdict: Pick<Verdict, 'subscriptionStage' | 'subscription'>,
  buckets: number,
): string {
  return toPartitionOf(verdict.subscriptionStage, verdict.subscription, buckets);
}

/** A signal that counts for a later set too has one verdict for each. */
export function toVerdictRowKey(verdict: VerdictKey): string {
  const { signalId, subscription, set, lag, replay, release } = verdict;
  // A replay's verdict stands beside the live one, and so does that of a released set.
  const own = release === undefined ? '' : `!release!${release}`;
  const again = replay === undefined ? own : `!replay!${replay}`;
  return `verdict!${signalId}!${subscription}${lag === undefined ? '' : `!${set}`}${again}`;
}

/** What a verdict's row key is made of. */
export type VerdictKey = Pick<Verdict, 'signalId' | 'subscription' | 'set' | 'lag' | 'replay' | 'release'>;

/**
 * A verdict with its index row, if it is listed, to be inserted together. A verdict that made a trigger leaves the gates' answers to the
 * trigger's row, which is written in the same transaction and keeps them for good.
 */
export function toVerdictActions({ verdict, trigger }: Decision, partitionKey: string): TransactionAction[] {
  const row: TransactionAction = ['create', toVerdictRow(verdict, partitionKey, trigger)];
  if (!isListed(verdict)) return [row];
  const { subscription, outcome: Outcome } = verdict;
  const VerdictAt = toVerdictRowKey(verdict);
  const newestFirst = toNewestFirst(Date.parse(verdict.decidedAt));
  const [prefix, last] =
    trigger === undefined ? [toOtherPrefix(subscription), VerdictAt] : [toMadePrefix(subscription), trigger.triggerId];
  return [row, ['create', { partitionKey, rowKey: `${prefix}${newestFirst}!${last}`, Outcome, VerdictAt }]];
}

/** Prefix of the index of a subscription's verdicts that made a trigger, newest first; trigger ids end its keys. */
export const toMadePrefix = (subscription: string): string => `made!${subscription}!`;
/** Prefix of the index of all others, newest first. */
export const toOtherPrefix = (subscription: string): string => `sub!${subscription}!`;

function toVerdictRow(verdict: Verdict, partitionKey: string, trigger: Trigger | undefined): TableEntity {
  const { gates, ...rest } = verdict;
  const isWithTrigger = gates === trigger?.evidence.gates && verdict.triggerId === trigger.triggerId;
  return {
    partitionKey,
    rowKey: toVerdictRowKey(verdict),
    Outcome: verdict.outcome,
    Consumer: verdict.consumer,
    EventId: verdict.eventId,
    TriggerId: verdict.triggerId,
    DecidedAt: verdict.decidedAt,
    RegistryVersion: verdict.registryVersion,
    ...toJsonColumns('Verdict', isWithTrigger ? rest : verdict),
  };
}
