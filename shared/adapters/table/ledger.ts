import { Receipt } from '../../contracts/receipt.js';
import type { Ledger, LedgerEntry } from '../../ports/ledger.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { toKeyHash, toPartitionOf, toStagePartitions } from './keys.js';
import { changeSet } from './ledger-change-set.js';
import { claimTriggers } from './ledger-claim.js';
import { createHeldTriggers } from './ledger-holds.js';
import { findEntry, findListed } from './ledger-entry.js';
import { joinSets } from './ledger-join.js';
import { recordDecisions } from './ledger-record.js';
import { createRefusedTriggers } from './ledger-refused.js';
import { retractSnapshot } from './ledger-retract.js';
import { toTriggerPartition } from './ledger-rows.js';
import { markTriggersSent } from './ledger-sent.js';
import { listRows, type Row, transact } from './requests.js';
import type { Tables } from './tables.js';
import { listUnsentBefore } from './unsent-listing.js';
import { findMadeRanges, readVerdict } from './verdict-reads.js';
import { walkRanges } from './walk.js';

/** The ledger in Table Storage. */
export function createTableLedger({ ledger: table }: Tables, { buckets }: { buckets: number }): Ledger {
  const receiptPrefix = (triggerId: string): string => `receipt!${triggerId}!`;

  function get(triggerId: string): Promise<LedgerEntry | undefined> {
    return findEntry(table, toTriggerPartition(triggerId, buckets), triggerId);
  }

  return {
    ...createHeldTriggers(table, buckets),
    ...createRefusedTriggers(table, buckets),
    record: (decisions) => recordDecisions(table, decisions, buckets),
    join: (arrivals) => joinSets(table, arrivals, buckets),
    changeSet: (change) => changeSet(table, change, buckets),
    retract: ({ stage, ...snapshot }) =>
      retractSnapshot(table, toPartitionOf(stage, snapshot.subscription, buckets), snapshot),
    claim: (requests, lease) => claimTriggers(table, requests, { ...lease, buckets }),
    markSent: (triggers, sentAt) => markTriggersSent(table, triggers, { sentAt, buckets }),
    get,

    listUnsent: ({ stage, ...query }) => listUnsentBefore(table, toStagePartitions(stage, buckets), query),

    async listVerdicts({ stages, signalId }) {
      const partitions = stages.flatMap((stage) => toStagePartitions(stage, buckets));
      const prefix = `verdict!${signalId}!`;
      const rows = await Promise.all(partitions.map((partition) => listRows(table, partition, { prefix })));
      return Promise.all(rows.flat().map((row) => readVerdict(table, row)));
    },

    async listByConsumer({ stage, consumer, limit }) {
      const ranges = await findMadeRanges(table, consumer, toStagePartitions(stage, buckets));
      const entries = await Promise.all((await walkRanges(table, ranges, limit)).map((one) => findListed(table, one)));
      return entries.filter((entry) => entry !== undefined);
    },

    async addReceipt(receipt) {
      const partitionKey = toTriggerPartition(receipt.triggerId, buckets);
      const rowKey = receiptPrefix(receipt.triggerId) + toKeyHash(receipt.eventId);
      const index = { partitionKey, rowKey: toReceiptEventPrefix(receipt.eventId) + receipt.triggerId, RowOf: rowKey };
      const { applied } = await transact(table, [
        ['create', { partitionKey, rowKey, Status: receipt.status, ...toJsonColumns('Receipt', receipt) }],
        ['create', index],
      ]);
      return applied;
    },

    async listReceipts(triggerId) {
      const prefix = receiptPrefix(triggerId);
      const rows = await listRows(table, toTriggerPartition(triggerId, buckets), { prefix });
      return rows.map(fromReceiptRow).sort(byOccurrence);
    },
  };
}

/** Prefix of the index of receipts by their event id. */
export const toReceiptEventPrefix = (eventId: string): string => `revent!${toKeyHash(eventId)}!`;

export function fromReceiptRow(row: Row): Receipt {
  return Receipt.parse(fromJsonColumns('Receipt', row));
}

function byOccurrence(a: Receipt, b: Receipt): number {
  return Date.parse(a.occurredAt) - Date.parse(b.occurredAt);
}
