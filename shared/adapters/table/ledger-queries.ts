import type { TableClient } from '@azure/data-tables';
import { isUnsent, type LedgerEntry } from '../../ports/ledger.js';
import type { LedgerQueries, StoredSet, TriggerKey } from '../../ports/ledger-queries.js';
import type { Page, PageRequest } from '../../ports/page.js';
import { toNewestFirst, toPartitionOf, toPrefixEnd, toStagePartitions } from './keys.js';
import { findEntry, findListed } from './ledger-entry.js';
import { fromSetRow, toSetRowKey } from './ledger-join.js';
import { findRetractable } from './ledger-retract.js';
import { fromReceiptRow, toReceiptEventPrefix } from './ledger.js';
import { toTriggerRowKey, unsentPrefix } from './ledger-rows.js';
import { findRow, type Row } from './requests.js';
import type { Tables } from './tables.js';
import { walkUnsent } from './unsent-listing.js';
import { findMadeRanges, readVerdictsOf } from './verdict-reads.js';
import { toMadePrefix, toOtherPrefix } from './verdict-rows.js';
import { type Range, type Walked, walkRanges } from './walk.js';

type TriggerFilter = Parameters<LedgerQueries['listTriggers']>[0];
type VerdictFilter = Parameters<LedgerQueries['listVerdicts']>[0];

/** Queries over verdicts, triggers and receipts in Table Storage. */
export function createTableLedgerQueries({ ledger: table }: Tables, { buckets }: { buckets: number }): LedgerQueries {
  const toPartitions = (stages: readonly string[]): string[] =>
    stages.flatMap((stage) => toStagePartitions(stage, buckets));

  async function findTriggerRanges({ stages, by }: TriggerFilter): Promise<Range[]> {
    const partitions = toPartitions(stages);
    if (by.kind === 'consumer') return findMadeRanges(table, by.consumer, partitions);
    const prefix = toTriggerPrefix(by);
    return partitions.map((partition) => ({ partition, prefix }));
  }

  return {
    async listTriggers(filter, page) {
      if (filter.by.kind === 'unsent') return listUnsent(table, toPartitions(filter.stages), { filter, page });
      const ranges = await findTriggerRanges(filter);
      const onward = ranges.map((range) => ({ ...range, ...after(page) }));
      const walked = await walkRanges(table, onward, page.limit);
      const entries = await Promise.all(walked.map((one) => findListed(table, one)));
      const items = entries.filter((entry) => entry !== undefined).filter((entry) => isWanted(entry, filter));
      return { items, ...toNext(walked, page) };
    },

    async listVerdicts(filter, page) {
      const { subscription } = filter;
      const ranges = filter.stages.flatMap((stage) => {
        const partition = toPartitionOf(stage, subscription, buckets);
        const range = { partition, ...toBounds(filter), ...after(page) };
        return [toMadePrefix(subscription), toOtherPrefix(subscription)].map((prefix) => ({ ...range, prefix }));
      });
      const walked = await walkRanges(table, ranges, page.limit);
      return { items: await readVerdictsOf(table, walked), ...toNext(walked, page) };
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
      const prefix = toReceiptEventPrefix(eventId);
      const ranges = toPartitions(stages).map((partition) => ({ partition, prefix }));
      const walked = await walkRanges(table, ranges, 100);
      const rows = await Promise.all(
        walked.map(({ row, partition }) => findRow(table, partition, String(row['RowOf']))),
      );
      return rows.filter((row) => row !== undefined).map(fromReceiptRow);
    },
  };
}

async function listUnsent(
  table: TableClient,
  partitions: readonly string[],
  { filter, page }: { filter: TriggerFilter; page: PageRequest },
): Promise<Page<LedgerEntry>> {
  const listed = await walkUnsent(table, partitions, page);
  const read = await Promise.all(listed.map((one) => findEntry(table, one.partition, one.triggerId)));
  const unsent = read.filter((entry) => entry !== undefined).filter(isUnsent);
  return { items: unsent.filter((entry) => isWanted(entry, filter)), ...toNext(listed, page) };
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

function toTriggerPrefix(by: Exclude<TriggerKey, { kind: 'consumer' }>): string {
  switch (by.kind) {
    case 'unsent':
      return unsentPrefix;
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
