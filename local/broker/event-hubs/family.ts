import type { Receiver } from 'rhea';
import type { AddressFamily, DeliverySink } from '../amqp/address-family.js';
import { AmqpError, entityNotFound } from '../amqp/amqp-error.js';
import { readDelivery } from '../amqp/message-codec.js';
import { linkInternalsOf } from '../amqp/rhea-internals.js';
import { amqp } from '../amqp/rhea-message.js';
import type { Hub, Hubs } from './hubs.js';
import { manageHubs } from './management.js';
import { Ownership } from './ownership.js';
import type { Partition } from './partition.js';
import { desires, serveEvents } from './receiver-link.js';

/** Largest publication of the Standard tier, one event or a whole batch. */
const maxMessageBytes = 1024 * 1024;
const sendAddress = /^(.+?)(?:\/Partitions\/([^/]+))?$/i;
const receiveAddress = /^(.+)\/ConsumerGroups\/([^/]+)\/Partitions\/([^/]+)$/i;
const idempotentProducer = 'com.microsoft:idempotent-producer';

/** Readers by hub and partition, to be told when events were appended. */
export class HubReaders {
  private readonly looks = new Map<string, Set<() => void>>();

  add(hub: string, partition: string, open: (onGone: () => void) => () => void): void {
    const key = `${hub}/${partition}`;
    const readers = this.looks.get(key) ?? new Set<() => void>();
    this.looks.set(key, readers);
    const look = open(() => readers.delete(look));
    readers.add(look);
    look();
  }

  wake(hub: string, partition: string): void {
    this.looks.get(`${hub}/${partition}`)?.forEach((look) => look());
  }
}

/** Event Hubs entities behind the listener. */
export function createEventHubsFamily(hubs: Hubs, readers: HubReaders): AddressFamily {
  const ownership = new Ownership();
  let producers = 0;

  return {
    maxMessageBytes,

    openSink(address, link) {
      const [, name = '', partitionId] = sendAddress.exec(address) ?? [];
      const hub = hubs.find(name);
      if (!hub) return undefined;
      const fixed = partitionId === undefined ? undefined : requirePartition(hub, partitionId);
      if (desires(link, idempotentProducer)) grantIdempotence(link, ++producers);
      return toSink(hubs, hub, fixed);
    },

    openSource(address, link, connection) {
      const [, name = '', group = '', partitionId = ''] = receiveAddress.exec(address) ?? [];
      const hub = hubs.find(name);
      if (!hub) return false;
      if (!hub.consumerGroups.has(group.toLowerCase())) throw entityNotFound(`${name}/ConsumerGroups/${group}`);
      const partition = requirePartition(hub, partitionId);
      const leave = ownership.admit(`${hub.name}/${group.toLowerCase()}/${partition.id}`, link);
      readers.add(hub.name, partition.id, (onGone) =>
        serveEvents(link, connection, partition, () => {
          leave();
          onGone();
        }),
      );
      return true;
    },

    // The hub's name travels in the request; clients use a bare node.
    openManagement: (address) => (address === '' || hubs.find(address) ? manageHubs(hubs) : undefined),
  };
}

function toSink(hubs: Hubs, hub: Hub, fixed: Partition | undefined): DeliverySink {
  return async ({ message, format }) => {
    if (message.length > maxMessageBytes) {
      throw new AmqpError(
        'amqp:link:message-size-exceeded',
        `The publication is larger than ${maxMessageBytes} bytes.`,
      );
    }
    const { messages, envelope } = readDelivery(message, format, 'leave');
    const partitionKey = envelope.partitionKey ?? messages[0]?.fields.partitionKey;
    const partition = fixed ?? hubs.choosePartition(hub, partitionKey);
    if (!partition) throw entityNotFound(hub.name);
    await partition.append(messages, partitionKey);
  };
}

function requirePartition(hub: Hub, id: string): Partition {
  const partition = hub.partitions.find((each) => each.id === id);
  if (partition) return partition;
  throw new AmqpError(
    'com.microsoft:argument-out-of-range',
    `The partition '${id}' is out of range: hub ${hub.name} has ${hub.partitions.length}.`,
  );
}

/** Ids are handed out; repeated publications are not detected. */
function grantIdempotence(link: Receiver, producerId: number): void {
  linkInternalsOf(link).local.attach['properties'] = {
    'com.microsoft:producer-epoch': amqp.short(0),
    'com.microsoft:producer-id': amqp.long(producerId),
    'com.microsoft:producer-sequence-number': amqp.int(0),
  };
}
