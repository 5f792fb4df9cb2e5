import type { Connection, Sender } from 'rhea';
import { encodeDelivery } from '../amqp/message-codec.js';
import { pumpLink, sendRaw } from '../amqp/outgoing-link.js';
import { type Annotation, encodeDeliveryAnnotations } from '../amqp/stamp-writer.js';
import type { Partition, StoredEvent } from './partition.js';
import { toStart } from './receive-filter.js';

const runtimeMetric = 'com.microsoft:enable-receiver-runtime-metric';

/** Serve a receiving client from a partition; gives the function to call when events were appended. */
export function serveEvents(
  link: Sender,
  connection: Connection,
  partition: Partition,
  onGone: () => void,
): () => void {
  let next = toStart(link, partition);
  let tag = 0;
  const withMetric = desires(link, runtimeMetric);
  const feed = (): boolean => {
    const event = partition.from(next);
    if (!event) return false;
    next = event.sequenceNumber + 1;
    const bytes = toEventBytes(event);
    sendRaw(link, withMetric ? Buffer.concat([toMetric(partition), bytes]) : bytes, {
      tag: Buffer.from(String(tag++)),
      settled: true,
    });
    return true;
  };
  return pumpLink(link, connection, feed, onGone);
}

/** Whether a link asks for a capability. */
export function desires(link: { desired_capabilities?: unknown }, capability: string): boolean {
  const desired = link.desired_capabilities;
  const list: unknown[] = Array.isArray(desired) ? desired : [desired];
  return list.some((each) => String(each) === capability);
}

function toEventBytes(event: StoredEvent): Buffer {
  const annotations: Annotation[] = [
    ['x-opt-sequence-number', 'long', event.sequenceNumber],
    ['x-opt-offset', 'string', event.offset],
    ['x-opt-enqueued-time', 'timestamp', event.enqueuedAtMs],
  ];
  if (event.partitionKey !== undefined) annotations.push(['x-opt-partition-key', 'string', event.partitionKey]);
  return encodeDelivery(event.wire, { annotations });
}

/** Delivery annotations that tell how far the partition goes. */
function toMetric(partition: Partition): Buffer {
  const last = partition.last();
  return encodeDeliveryAnnotations([
    ['last_enqueued_sequence_number', 'long', last?.sequenceNumber ?? -1],
    ['last_enqueued_offset', 'string', last?.offset ?? '-1'],
    ['last_enqueued_time_utc', 'timestamp', last?.enqueuedAtMs ?? 0],
    ['runtime_info_retrieval_time_utc', 'timestamp', partition.nowMs],
  ]);
}
