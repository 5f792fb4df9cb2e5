import type { TableClient } from '@azure/data-tables';
import type { SetChange, SetChangeOutcome } from '../../ports/ledger.js';
import { toPartitionOf } from './keys.js';
import { toSetAction, toSetRowKey } from './ledger-join.js';
import { adjust } from './ledger-adjust.js';
import { toRecorded } from './ledger-record.js';
import { toDecisionActions } from './ledger-rows.js';
import { findRow, raced, transact, untilApplied } from './requests.js';

/** Store what somebody made of a set: a read or three and one transaction, which the set's etag guards. */
export async function changeSet(table: TableClient, change: SetChange, buckets: number): Promise<SetChangeOutcome> {
  const { stage, subscription, set, etag, to, decision } = change;
  const partitionKey = toPartitionOf(stage, subscription, buckets);
  const place = { partitionKey, rowKey: toSetRowKey(subscription, set) };
  return untilApplied(`set ${set} of ${subscription}`, async () => {
    const row = await findRow(table, partitionKey, place.rowKey);
    if (row?.etag !== etag) return { kind: 'changed' };
    const { settled, taken } = decision ? await adjust(table, partitionKey, decision) : {};
    if (settled?.verdict.outcome === 'same-vector') {
      return { kind: 'fired-before', triggerId: settled.verdict.triggerId ?? '' };
    }
    if (settled && settled.trigger === undefined) return { kind: 'retracted' };
    const actions = settled ? toDecisionActions(settled, partitionKey, { taken }) : [];
    const answer = await transact(table, [...actions, toSetAction(to, place, row)]);
    if (!answer.applied) return raced;
    const recorded = settled && toRecorded(settled, answer.etags);
    return recorded?.kind === 'recorded' && recorded.entry
      ? { kind: 'stored', entry: recorded.entry }
      : { kind: 'stored' };
  });
}
