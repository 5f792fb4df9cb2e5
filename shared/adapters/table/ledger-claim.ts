import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { ClaimOutcome, LedgerEntry } from '../../ports/ledger.js';
import { findEntry } from './ledger-entry.js';
import { toTriggerPartition, toTriggerRowKey } from './ledger-rows.js';
import { groupBy, raced, toTransactions, transact, untilApplied } from './requests.js';

interface Request {
  readonly triggerId: string;
  readonly etag?: string;
}

interface ClaimUnit {
  readonly request: Request;
  readonly index: number;
  readonly partitionKey: string;
}

/** Claim triggers: one conditional transaction per partition when every given etag still holds. */
export async function claimTriggers(
  table: TableClient,
  requests: readonly Request[],
  lease: { nowMs: number; leaseMs: number; buckets: number },
): Promise<ClaimOutcome[]> {
  const outcomes: ClaimOutcome[] = new Array<ClaimOutcome>(requests.length);
  const units = requests.map((request, index) => ({
    request,
    index,
    partitionKey: toTriggerPartition(request.triggerId, lease.buckets),
  }));
  const known = units.filter(({ request }) => request.etag !== undefined && request.etag !== '');
  const partitions = [...groupBy(known, (unit) => unit.partitionKey).values()];
  const settleOne = async (unit: ClaimUnit): Promise<void> => {
    outcomes[unit.index] = await claimByReading(table, unit, lease);
  };
  await Promise.all([
    ...partitions.map((partition) => claimPartition(table, partition, { lease, outcomes, settleOne })),
    ...units.filter((unit) => !known.includes(unit)).map(settleOne),
  ]);
  return outcomes;
}

async function claimPartition(
  table: TableClient,
  units: readonly ClaimUnit[],
  context: {
    lease: { nowMs: number; leaseMs: number };
    outcomes: ClaimOutcome[];
    settleOne: (unit: ClaimUnit) => Promise<void>;
  },
): Promise<void> {
  const claims = units.map((unit) => ({
    unit,
    actions: [toClaimAction(unit, unit.request.etag ?? '', context.lease)],
  }));
  for (const group of toTransactions(claims)) {
    const answer = await transact(
      table,
      group.flatMap(({ actions }) => actions),
    );
    for (const { unit } of group) {
      if (!answer.applied) await context.settleOne(unit);
      else
        context.outcomes[unit.index] = {
          kind: 'claimed',
          etag: answer.etags.get(toTriggerRowKey(unit.request.triggerId)) ?? '',
        };
    }
  }
}

function toClaimAction(
  { request, partitionKey }: ClaimUnit,
  etag: string,
  { nowMs, leaseMs }: { nowMs: number; leaseMs: number },
): TransactionAction {
  const LeaseUntil = new Date(nowMs + leaseMs).toISOString();
  const row = { partitionKey, rowKey: toTriggerRowKey(request.triggerId), State: 'dispatching', LeaseUntil };
  return ['update', row, 'Merge', { etag }];
}

async function claimByReading(
  table: TableClient,
  unit: ClaimUnit,
  lease: { nowMs: number; leaseMs: number },
): Promise<ClaimOutcome> {
  const rowKey = toTriggerRowKey(unit.request.triggerId);
  return untilApplied(`trigger ${unit.request.triggerId}`, async () => {
    const entry = await findEntry(table, unit.partitionKey, unit.request.triggerId);
    if (entry === undefined) return { kind: 'unknown' };
    const blocked = toBlocked(entry, lease.nowMs);
    if (blocked) return blocked;
    const answer = await transact(table, [toClaimAction(unit, entry.etag, lease)]);
    return answer.applied ? { kind: 'claimed', etag: answer.etags.get(rowKey) ?? '' } : raced;
  });
}

function toBlocked({ state, leaseUntil }: LedgerEntry, nowMs: number): ClaimOutcome | undefined {
  switch (state) {
    case 'sent':
      return { kind: 'sent' };
    case 'held':
    case 'absorbed':
    case 'withdrawn':
    case 'refused':
      return { kind: 'not-pending', state };
    case 'pending':
      return undefined;
    case 'dispatching':
      if (leaseUntil === undefined || Date.parse(leaseUntil) <= nowMs) return undefined;
      return { kind: 'leased', leaseUntil };
    default:
      return state satisfies never;
  }
}
