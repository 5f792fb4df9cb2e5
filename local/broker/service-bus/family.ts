import type { AddressFamily } from '../amqp/address-family.js';
import { AmqpError } from '../amqp/amqp-error.js';
import { readDelivery } from '../amqp/message-codec.js';
import { manageEntity } from './management.js';
import { type Namespace, toEntityKey } from './namespace.js';
import { serveReceiver, sessionMismatch } from './receiver-link.js';
import { readSessionFilter, serveSession } from './session-link.js';

/** Largest message and batch of the Standard tier. */
const maxMessageBytes = 256 * 1024;

/** Service Bus entities behind the listener; `receivers` are told when their queue may have something. */
export function createServiceBusFamily(namespace: Namespace, receivers: ReceiverRegistry): AddressFamily {
  return {
    maxMessageBytes,

    openSink(address) {
      if (!namespace.findTarget(address)) return undefined;
      return async ({ message, format }) => {
        if (message.length > maxMessageBytes) {
          throw new AmqpError(
            'amqp:link:message-size-exceeded',
            `The message is larger than ${maxMessageBytes} bytes.`,
          );
        }
        const target = namespace.findTarget(address);
        if (!target)
          throw new AmqpError('amqp:not-found', `The messaging entity '${address}' could not be found.`, 404);
        await namespace.send(target, readDelivery(message, format).messages);
      };
    },

    openSource(address, link, connection) {
      const queue = namespace.findQueue(address);
      if (!queue) return false;
      const asked = readSessionFilter(link);
      if ((asked !== undefined) !== queue.context.settings.requiresSession) throw sessionMismatch(queue);
      receivers.add(queue.context.name, (onGone) =>
        asked === undefined
          ? serveReceiver(link, connection, { queue, onGone })
          : serveSession(link, connection, { queue, asked, onGone }),
      );
      return true;
    },

    openManagement: (address) => manageEntity(namespace, address),
  };
}

/** Receiving links by queue, to be told when something is ready; whoever was told first goes last next time. */
export class ReceiverRegistry {
  private readonly looks = new Map<string, Set<() => void>>();

  add(queue: string, open: (onGone: () => void) => () => void): void {
    const key = toEntityKey(queue);
    const links = this.looks.get(key) ?? new Set<() => void>();
    this.looks.set(key, links);
    const look = open(() => links.delete(look));
    links.add(look);
    look();
  }

  wake(queue: string): void {
    const links = this.looks.get(toEntityKey(queue));
    if (!links) return;
    for (const look of [...links]) look();
    const [first] = links;
    if (first && links.delete(first)) links.add(first);
  }
}
