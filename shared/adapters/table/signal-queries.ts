import type { TableClient } from '@azure/data-tables';
import type { Signal } from '../../contracts/signal.js';
import { toEventIdHash } from '../../domain/identity.js';
import type { Page, PageRequest } from '../../ports/page.js';
import type { SignalFilter, SignalQueries } from '../../ports/signal-queries.js';
import { toNewestFirst, toOldestFirst, toPartitionOf, toPrefixEnd, toStagePartitions } from './keys.js';
import {
  fromWholeRow,
  readAll,
  timePrefix,
  toCorrelationPrefix,
  toMarkPrefix,
  toOwnPorts,
  toPortPrefix,
  toPortsPrefix,
  toProducerPrefix,
  toSignalRowKey,
} from './signal-rows.js';
import type { Tables } from './tables.js';
import { countRange, listNames, type Range, type Walked, walkRanges } from './walk.js';

type WatermarkQuery = Parameters<SignalQueries['listByWatermark']>[0];

/** Queries over the index rows of signals in Table Storage. */
export function createTableSignalQueries({ signals: table }: Tables, { buckets }: { buckets: number }): SignalQueries {
  return {
    async list(filter, page) {
      const places = await findPlaces(table, filter, buckets);
      if (filter.by.kind === 'event') return listByEvent(table, places, filter);
      const bounds = toBounds(filter, page);
      const ranges = places.map((place) => ({ ...place, ...bounds, where: { ...place.where, ...bounds.where } }));
      const walked = await walkRanges(table, ranges, page.limit);
      const items = await readAll(table, walked.map(toRow));
      return toPage(items, walked, page);
    },

    async listByWatermark(query, page) {
      const behind = page.after !== undefined ? { after: page.after } : {};
      const ranges = toMarkRanges(query, buckets).map((range) => ({ ...range, ...behind }));
      const walked = await walkRanges(table, ranges, page.limit);
      return toPage(toWholes(walked), walked, page);
    },

    async listRetractions({ stage, port, atMs, limit }) {
      const ranges = toMarkRanges({ stage, port, fromMs: atMs, toMs: atMs }, buckets);
      const where = { EventType: 'OutputPortSnapshotRetracted' };
      const walked = await walkRanges(
        table,
        ranges.map((range) => ({ ...range, where })),
        limit,
      );
      return toWholes(walked);
    },

    async countByWatermark(query) {
      const counts = await Promise.all(toMarkRanges(query, buckets).map((range) => countRange(table, range)));
      return counts.reduce((sum, count) => sum + count, 0);
    },

    async listArrivals({ stage, port, limit }) {
      const ranges = toStagePartitions(stage, buckets).map((partition) => ({
        partition,
        prefix: toPortPrefix(port),
        where: { EventType: 'OutputPortSnapshotSealed' },
        select: ['SnapshotTime', 'ReceivedAt'],
      }));
      const walked = await walkRanges(table, ranges, limit);
      return walked.map(({ row }) => ({
        snapshotTimeMs: Date.parse(String(row['SnapshotTime'])),
        receivedAtMs: Date.parse(String(row['ReceivedAt'])),
      }));
    },
  };
}

/** Where index rows of a key are. */
type Place = Pick<Range, 'partition' | 'prefix' | 'where'>;

async function findPlaces(table: TableClient, { by, stages }: SignalFilter, buckets: number): Promise<Place[]> {
  const everywhere = (prefix: string): Place[] =>
    stages.flatMap((stage) => toStagePartitions(stage, buckets)).map((partition) => ({ partition, prefix }));
  switch (by.kind) {
    case 'event':
      return everywhere(toSignalRowKey(toEventIdHash(by.eventId)));
    case 'correlation':
      return everywhere(toCorrelationPrefix(by.correlationId));
    case 'time':
      return everywhere(timePrefix);
    case 'port':
      // A port's signals lie with whoever published them: its owner, or a producer entitled to.
      return everywhere(toPortPrefix(by.port));
    case 'producer':
      return findPlacesOfProducer(table, { stages, producerDp: by.producerDp }, buckets);
    default:
      return by satisfies never;
  }
}

/** The producer's own ports that have signals, and what it published for ports of others. */
async function findPlacesOfProducer(
  table: TableClient,
  { stages, producerDp }: { stages: readonly string[]; producerDp: string },
  buckets: number,
): Promise<Place[]> {
  const own = toOwnPorts(producerDp);
  const found = stages.map(async (stage): Promise<Place[]> => {
    const partition = toPartitionOf(stage, producerDp, buckets);
    const names = await listNames(table, partition, toPortsPrefix(own));
    // Others may have published for its ports, into the same partition.
    const where = { ProducerDp: producerDp };
    const ports = names.map((name) => ({ partition, prefix: toPortPrefix(own + name), where }));
    return [...ports, { partition, prefix: toProducerPrefix(producerDp) }];
  });
  return (await Promise.all(found)).flat();
}

const toRow = ({ row }: Walked): Walked['row'] => row;
const toWholes = (walked: readonly Walked[]): Signal[] => walked.map(toRow).map(fromWholeRow);

function toPage(items: Signal[], walked: readonly Walked[], { limit }: PageRequest): Page<Signal> {
  const last = walked.at(-1);
  return { items, ...(last && walked.length >= limit && { after: last.rest }) };
}

/** Few rows share an event id. */
async function listByEvent(table: TableClient, places: readonly Place[], filter: SignalFilter): Promise<Page<Signal>> {
  const walked = await walkRanges(table, places, 1_000);
  const signals = await readAll(table, walked.map(toRow));
  return { items: signals.filter((signal) => isWithin(signal, filter)) };
}

function toMarkRanges({ stage, port, fromMs, toMs }: WatermarkQuery, buckets: number): Range[] {
  return toStagePartitions(stage, buckets).map((partition) => ({
    partition,
    prefix: toMarkPrefix(port),
    ...(fromMs !== undefined && { from: toOldestFirst(fromMs) }),
    ...(toMs !== undefined && { end: toPrefixEnd(`${toOldestFirst(toMs)}!`) }),
  }));
}

/** Newest first, so the upper bound in time is where the range begins. */
function toBounds({ fromMs, beforeMs, quality }: SignalFilter, { after }: PageRequest): Partial<Range> {
  return {
    ...(beforeMs !== undefined && { from: toNewestFirst(beforeMs - 1) }),
    ...(fromMs !== undefined && { end: toPrefixEnd(`${toNewestFirst(fromMs)}!`) }),
    ...(after !== undefined && { after }),
    ...(quality !== undefined && { where: { Quality: quality } }),
  };
}

function isWithin(signal: Signal, { fromMs, beforeMs, quality }: SignalFilter): boolean {
  const receivedAtMs = Date.parse(signal.receivedAt);
  if (fromMs !== undefined && receivedAtMs < fromMs) return false;
  if (beforeMs !== undefined && receivedAtMs >= beforeMs) return false;
  return quality === undefined || signal.qualityStatus === quality;
}
