import { AmqpError, entityNotFound } from '../amqp/amqp-error.js';
import type { ManagementHandler, ManagementReply } from '../amqp/request-reply.js';
import { amqp } from '../amqp/rhea-message.js';
import type { Hub, Hubs } from './hubs.js';

/** The hub management node: READ of a hub or a partition. */
export function manageHubs(hubs: Hubs): ManagementHandler {
  return ({ operation, properties }) => {
    if (operation !== 'READ')
      throw new AmqpError('amqp:not-implemented', `The operation ${operation} is not supported.`, 501);
    const name = String(properties['name']);
    const hub = hubs.find(name);
    if (!hub) throw entityNotFound(name);
    return Promise.resolve(
      properties['type'] === 'com.microsoft:partition'
        ? readPartition(hub, String(properties['partition']))
        : readHub(hub),
    );
  };
}

function readHub(hub: Hub): ManagementReply {
  return {
    status: 200,
    body: {
      name: hub.name,
      type: 'com.microsoft:eventhub',
      created_at: amqp.timestamp(hub.createdAtMs),
      partition_count: amqp.int(hub.partitions.length),
      partition_ids: amqp.strings(hub.partitions.map(({ id }) => id)),
      georeplication_factor: amqp.int(1),
    },
  };
}

function readPartition(hub: Hub, id: string): ManagementReply {
  const partition = hub.partitions[Number(id)];
  if (!partition) throw new AmqpError('com.microsoft:argument-out-of-range', `Partition ${id} does not exist.`, 400);
  const last = partition.last();
  return {
    status: 200,
    body: {
      name: hub.name,
      type: 'com.microsoft:partition',
      partition: id,
      begin_sequence_number: amqp.long(partition.firstSequence),
      last_enqueued_sequence_number: amqp.long(last?.sequenceNumber ?? -1),
      last_enqueued_offset: last?.offset ?? '-1',
      last_enqueued_time_utc: amqp.timestamp(last?.enqueuedAtMs ?? 0),
      is_partition_empty: partition.isEmpty,
    },
  };
}
