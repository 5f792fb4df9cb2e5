import type { Hubs } from './event-hubs/hubs.js';
import type { EventOperation, PlaceOperation } from './event-hubs/partition.js';
import { type JournalRecord, toRecord } from '../journal/record.js';
import type { DuplicateOperation } from './service-bus/duplicate-history.js';
import { type EntityOperation, entityRecords, replayEntityOperation } from './service-bus/entity-store.js';
import type { MessageQueue } from './service-bus/message-queue.js';
import type { Namespace } from './service-bus/namespace.js';
import { fromPutRecord, type QueueOperation, toPutRecord } from './service-bus/queue-journal.js';

type Operation = QueueOperation | EntityOperation | DuplicateOperation | EventOperation | PlaceOperation;

/**
 * Apply one journal record to a broker that is starting. Bytes that stay are copied: a record's own are part of the
 * whole file's content, which must not stay in memory for them.
 */
export function replayRecord({ header, bytes }: JournalRecord, namespace: Namespace, hubs: Hubs): void {
  const operation = header as Operation; // only this broker writes its journal
  switch (operation.t) {
    case 'event':
      return hubs.restore(operation, Buffer.from(bytes));
    case 'place':
      return hubs.restorePlace(operation);
    case 'dup':
      namespace.findTarget(operation.e)?.history.restore(operation);
      return;
    case 'put':
    case 'del':
    case 'count':
    case 'next':
    case 'session':
      return replayQueueOperation(operation, bytes, namespace.findPlace(operation.q)?.queue);
    default:
      return replayEntityOperation(namespace, operation);
  }
}

/** A queue that was dropped later has records but no place; they are void. */
function replayQueueOperation(operation: QueueOperation, bytes: Buffer, queue: MessageQueue | undefined): void {
  if (!queue) return;
  switch (operation.t) {
    case 'put':
      return queue.restore(fromPutRecord(operation, Buffer.from(bytes)));
    case 'del':
      return queue.shelf.forget(operation.s);
    case 'count':
      return queue.restoreCount(operation.s, operation.n);
    case 'next':
      return queue.shelf.reserveBelow(operation.s);
    case 'session':
      queue.shelf.sessions.of(operation.id).state = operation.set ? Buffer.from(bytes) : undefined;
      return;
    default:
      return operation satisfies never;
  }
}

/**
 * The present state as records, in an order that replays. Events do not change and are most of it, so they become
 * records when they are asked for; all else does now.
 */
export function compactionRecords(namespace: Namespace, hubs: Hubs): Iterable<JournalRecord> {
  const queues = [...namespace.allQueues()].map((queue) => [...queueRecords(queue)]);
  return inTurn([[...entityRecords(namespace)], [...namespace.records()], ...queues, ...hubs.records()]);
}

function* inTurn(parts: readonly Iterable<JournalRecord>[]): Iterable<JournalRecord> {
  for (const part of parts) yield* part;
}

function* queueRecords(queue: MessageQueue): Iterable<JournalRecord> {
  const q = queue.context.name;
  const record = (header: QueueOperation, bytes?: Buffer): JournalRecord => toRecord(header, bytes);
  yield record({ t: 'next', q, s: queue.shelf.next });
  for (const message of queue.shelf.all()) yield toPutRecord(q, message);
  for (const { id, state } of queue.shelf.sessions.all()) {
    if (state) yield record({ t: 'session', q, id, set: true }, state);
  }
}
