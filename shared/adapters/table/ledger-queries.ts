import type { TableClient } from '@azure/data-tables';
import type { LedgerEntry } from '../../ports/ledger.js';
import type { LedgerQueries, StoredSet, TriggerKey } from '../../ports/ledger-queries.js';
import type { Page, PageRequest } from '../../ports/page.js';
import { toNewestFirst, toPartitionOf, toPrefixEnd, toStagePartitions } from './keys.js';
import { findEntry } from './ledger-entry.js';
import { fromSetRow, toSetRowKey } from './ledger-join.js';
import { findRetractable } from './ledger-retract.js';
import { fromReceiptRow, toReceiptEventPrefix } from './ledger.js';
import {
  fromTriggerRow,
  fromVerdictRow,
  toConsumerPrefix,
  toSubscriptionPrefix,
  toTriggerRowKey,
} from './ledger-rows.js';
import { findRow, type Row } from './requests.js';
import type { Tables } from './tables.js';
import { type Walked, walkRanges } from './walk.js';

type TriggerFilter = Parameters<LedgerQueries['listTriggers']>[0];
type VerdictFilter = Parameters<LedgerQueries['listVerdicts']>[0];

/** Queries over verdicts, triggers and receipts in Table Storage. */
export function createTableLedgerQueries({ ledger: table }: Tables, { buckets }: { buckets: number }): LedgerQueries {
  const everywhere = (stages: readonly string[], prefix: string): { partition: string; prefix: string }[] =>
    stages.flatMap((stage) => toStagePartitions(stage, buckets)).map((partition) => ({ partition, prefix }));

  return {
    async listTriggers(filter, page) {
      const ranges = everywhere(filter.stages, toTriggerPrefix(filter.by)).map((range) => ({
        ...range,
        ...after(page),
      }));
      const walked = await walkRanges(table, ranges, page.limit);
      const entries = await Promise.all(walked.map((one) => toEntry(table, one)));
      const items = entries.filter((entry) => entry !== undefined).filter((entry) => isWanted(entry, filter));
      return { items, ...toNext(walked, page) };
    },

    async listVerdicts(filter, page) {
      const ranges = filter.stages.map((stage) => ({
        partition: toPartitionOf(stage, filter.subscription, buckets),
        prefix: toSubscriptionPrefix(filter.subscription),
        ...toBounds(filter),
        ...after(page),
      }));
      const walked = await walkRanges(table, ranges, page.limit);
      // The rest of the index key is the time, a separator, and the key of the verdict itself.
      const rows = await Promise.all(
        walked.map(({ partition, rest }) => findRow(table, partition, rest.slice(rest.indexOf('!') + 1))),
      );
      const items = rows.filter((row) => row !== undefined).map(fromVerdictRow);
      return { items, ...toNext(walked, page) };
    },

    async listSets({ stages, subscription }, page) {
      const ranges = stages.map((stage) => ({
        partition: toPartitionOf(stage, subscription, buckets),
        prefix: toSetRowKey(subscription, ''),
        ...after(page),
      }));
      const walked = await walkRanges(table, ranges, page.limit);
      const items = walked.map(({ row, rest, partition }) => {
        return toStoredSet({ stage: partition.split('!')[0] ?? '', subscription, set: rest }, row);
      });
      return { items: items.filter((item) => item !== undefined), ...toNext(walked, page) };
    },

    async getSet({ stage, subscription, set }) {
      const row = await findRow(table, toPartitionOf(stage, subscription, buckets), toSetRowKey(subscription, set));
      return toStoredSet({ stage, subscription, set }, row);
    },

    findRetractable: ({ stage, ...snapshot }) =>
      findRetractable(table, toPartitionOf(stage, snapshot.subscription, buckets), snapshot),

    async findReceipts({ stages, eventId }) {
      const walked = await walkRanges(table, everywhere(stages, toReceiptEventPrefix(eventId)), 100);
      const rows = await Promise.all(
        walked.map(({ row, partition }) => findRow(table, partition, String(row['RowOf']))),
      );
      return rows.filter((row) => row !== undefined).map(fromReceiptRow);
    },
  };
}

async function toEntry(table: TableClient, { row, rest, partition }: Walked): Promise<LedgerEntry | undefined> {
  if (row['State'] !== undefined) return fromTriggerRow(row);
  // Every index key of a trigger ends in its id.
  return findEntry(table, partition, rest.slice(rest.lastIndexOf('!') + 1));
}

function toStoredSet(place: Omit<StoredSet, 'state' | 'etag'>, row: Row | undefined): StoredSet | undefined {
  const state = fromSetRow(row);
  return row && state && { ...place, state, etag: row.etag };
}

function after(page: PageRequest): { after?: string } {
  return page.after === undefined ? {} : { after: page.after };
}

function toNext(walked: readonly Walked[], { limit }: PageRequest): Pick<Page<unknown>, 'after'> {
  const last = walked.at(-1);
  return last && walked.length >= limit ? { after: last.rest } : {};
}

function toTriggerPrefix(by: TriggerKey): string {
  switch (by.kind) {
    case 'consumer':
      return toConsumerPrefix(by.consumer);
    case 'unsent':
      return 'unsent!';
    case 'held':
      return 'held!';
    case 'refused':
      return 'refused!';
    case 'scan':
      return toTriggerRowKey('');
    default:
      return by satisfies never;
  }
}

function isWanted({ trigger, state }: LedgerEntry, { consumer, states }: TriggerFilter): boolean {
  return (consumer === undefined || trigger.consumer === consumer) && (states === undefined || states.includes(state));
}

function toBounds({ fromMs, beforeMs, outcome }: VerdictFilter): object {
  return {
    ...(beforeMs !== undefined && { from: toNewestFirst(beforeMs - 1) }),
    ...(fromMs !== undefined && { end: toPrefixEnd(`${toNewestFirst(fromMs)}!`) }),
    ...(outcome !== undefined && { where: { Outcome: outcome } }),
  };
}
