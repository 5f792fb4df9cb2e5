import type { TableClient, TableEntity, TransactionAction } from '@azure/data-tables';
import { Origin } from '../../contracts/origin.js';
import { Signal } from '../../contracts/signal.js';
import { toSnapshotTimeMs } from '../../domain/watermark.js';
import { fromJsonColumns, toRecordedColumns } from './json-column.js';
import { toKeyHash, toNewestFirst, toOldestFirst, toPartitionOf } from './keys.js';
import { findRow, type Row } from './requests.js';

/** Row key of a signal. */
export function toSignalRowKey(signalId: string): string {
  return `sig!${signalId}`;
}

/** Partition of a signal: its producer's, so that a producer's event ids meet wherever they come from. */
export function toSignalPartition(signal: Pick<Signal, 'stage' | 'producerDp'>, buckets: number): string {
  return toPartitionOf(signal.stage, signal.producerDp, buckets);
}

/**
 * The row that claims the signal's id, with its index rows, to be inserted together. The index by watermark holds the
 * signal whole, so that a replay reads a range and nothing else; every other row names that row.
 */
export function toSignalActions(signal: Signal, buckets: number): TransactionAction[] {
  const partitionKey = toSignalPartition(signal, buckets);
  const newestFirst = toNewestFirst(Date.parse(signal.receivedAt));
  const { signalId, producerDp, outputPortKey: port, qualityStatus } = signal;
  const snapshotTimeMs = toSnapshotTimeMs(signal);
  const whole = `${toMarkPrefix(port)}${toOldestFirst(snapshotTimeMs)}!${signalId}`;
  // What queries filter on, and what they answer from the index alone.
  const index = { partitionKey, WholeAt: whole, Quality: qualityStatus ?? '', EventType: signal.eventType };
  const times = { SnapshotTime: new Date(snapshotTimeMs).toISOString(), ReceivedAt: signal.receivedAt };
  const byPort = { ...index, ...times, ProducerDp: producerDp };
  const actions: TransactionAction[] = [
    ['create', { ...toSignalRow(signal, partitionKey), WholeAt: whole }],
    ['create', { ...byPort, rowKey: `${toPortPrefix(port)}${newestFirst}!${signalId}` }],
    ['create', { ...index, rowKey: `${timePrefix}${newestFirst}!${signalId}` }],
    ['create', { ...index, rowKey: `${toCorrelationPrefix(signal.correlationId)}${newestFirst}!${signalId}` }],
    ['create', { partitionKey, rowKey: whole, EventType: signal.eventType, ...toRecordedColumns('Signal', signal) }],
  ];
  // What a producer publishes for its own ports is found by those: their keys begin with its own.
  if (port.startsWith(toOwnPorts(producerDp))) return actions;
  return [...actions, ['create', { ...index, rowKey: `${toProducerPrefix(producerDp)}${newestFirst}!${signalId}` }]];
}

/** How the keys of a product's ports begin; the registry refuses a port whose key names another owner. */
export const toOwnPorts = (product: string): string => `${product.replace(/^dp/, 'op')}.`;

/** Prefixes of the index rows; each ends where time, newest or oldest first, and signal id begin. */
export const timePrefix = 'time!';
/** Of all ports whose keys begin like this. */
export const toPortsPrefix = (start: string): string => `port!${start}`;
export const toPortPrefix = (port: string): string => `${toPortsPrefix(port)}!`;
/** What a producer published for ports of others. */
export const toProducerPrefix = (producerDp: string): string => `prod!${producerDp}!`;
export const toMarkPrefix = (port: string): string => `mark!${port}!`;
export const toCorrelationPrefix = (correlationId: string): string => `corr!${toKeyHash(correlationId)}!`;

/** Table Storage tells integers from doubles by value, so a score of 1 would change the column's type. */
function toDouble(value: number): { type: 'Double'; value: string } {
  return { type: 'Double', value: String(value) };
}

/** What the signal says in columns, for people and queries; it is read back from the whole. */
function toSignalRow(signal: Signal, partitionKey: string): TableEntity {
  return {
    partitionKey,
    rowKey: toSignalRowKey(signal.signalId),
    EventId: signal.eventId,
    EventType: signal.eventType,
    OccurredAt: signal.occurredAt,
    ReceivedAt: signal.receivedAt,
    ProducerDp: signal.producerDp,
    Domain: signal.domain,
    OutputPortKey: signal.outputPortKey,
    OutputPortVersion: signal.outputPortVersion,
    Stage: signal.stage,
    Watermark: signal.watermark,
    BatchId: signal.batchId,
    Partition: signal.partition,
    Revision: signal.revision,
    SchemaHash: signal.schemaHash,
    QualityStatus: signal.qualityStatus,
    QualityScore: signal.qualityScore === undefined ? undefined : toDouble(signal.qualityScore),
    Ruleset: signal.ruleset,
    FailedTests: signal.failedTests && JSON.stringify(signal.failedTests).slice(0, 16_000),
    RecordCount: signal.recordCount === undefined ? undefined : BigInt(signal.recordCount),
    CorrelationId: signal.correlationId,
    Traceparent: signal.traceparent,
    ContentHash: signal.contentHash,
    RegistryVersion: signal.registryVersion,
    Origin: JSON.stringify(signal.origin),
  };
}

/** The signal that a row of the index by watermark holds. @throws ZodError for a row nobody here wrote */
export function fromWholeRow(row: Row): Signal {
  return Signal.parse(fromJsonColumns('Signal', row));
}

/** The signal that any of its rows names. @throws RetryableError | TerminalError | ZodError */
export async function readWhole(table: TableClient, row: Row): Promise<Signal | undefined> {
  const whole = await findRow(table, String(row.partitionKey), String(row['WholeAt']));
  return whole && fromWholeRow(whole);
}

/** The signals that rows name, in their order. @throws RetryableError | TerminalError | ZodError */
export async function readAll(table: TableClient, rows: readonly Row[]): Promise<Signal[]> {
  const signals = await Promise.all(rows.map((row) => readWhole(table, row)));
  return signals.filter((signal) => signal !== undefined);
}

/** Prefix of a signal's duplicate rows. */
export function toDuplicatePrefix(signalId: string): string {
  return `dup!${signalId}!`;
}

/** One recorded duplicate, keyed by where in the hub it was read. */
export function toDuplicateRow(signal: Signal, partitionKey: string): TableEntity {
  const { partition, sequenceNumber, enqueuedAt } = signal.origin;
  const position = `${partition}-${sequenceNumber.padStart(20, '0')}-${Date.parse(enqueuedAt)}`;
  return {
    partitionKey,
    rowKey: toDuplicatePrefix(signal.signalId) + position,
    ReceivedAt: signal.receivedAt,
    Origin: JSON.stringify(signal.origin),
  };
}

/** Where a recorded duplicate was read. */
export function fromDuplicateRow(row: Row): Origin {
  return Origin.parse(JSON.parse(String(row['Origin'])));
}
