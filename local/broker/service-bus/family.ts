import type { Sender } from 'rhea';
import type { AddressFamily } from '../amqp/address-family.js';
import { AmqpError, entityNotFound } from '../amqp/amqp-error.js';
import { readDelivery } from '../amqp/message-codec.js';
import { requireReceivable, requireSendable, touch } from './access.js';
import { manageEntity } from './management.js';
import { type Namespace, toEntityKey } from './namespace.js';
import { serveReceiver, sessionMismatch } from './receiver-link.js';
import { sendMessages } from './sending.js';
import { readSessionFilter, serveSession } from './session-link.js';

/** Largest message and batch of the Standard tier. */
const maxMessageBytes = 256 * 1024;

/** Service Bus entities behind the listener; `receivers` are told when their queue may have something. */
export function createServiceBusFamily(namespace: Namespace, receivers: ReceiverRegistry): AddressFamily {
  return {
    maxMessageBytes,

    openSink(address) {
      const found = namespace.findTarget(address);
      if (!found) return undefined;
      requireSendable(found);
      return async ({ message, format }) => {
        if (message.length > maxMessageBytes) {
          throw new AmqpError(
            'amqp:link:message-size-exceeded',
            `The message is larger than ${maxMessageBytes} bytes.`,
          );
        }
        const target = namespace.findTarget(address);
        if (!target) throw entityNotFound(address);
        await sendMessages(namespace, target, readDelivery(message, format).messages);
      };
    },

    openSource(address, link, connection) {
      const place = namespace.findPlace(address);
      if (!place || 'scheduled' in place.owner) return false;
      const { queue, owner } = place;
      requireReceivable(owner);
      touch(owner, namespace.nowMs());
      const asked = readSessionFilter(link);
      if ((asked !== undefined) !== queue.settings.requiresSession) throw sessionMismatch(queue);
      receivers.add(queue.context.name, link, (onGone) =>
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
  private readonly receivers = new Map<string, Set<Receiving>>();

  add(queue: string, link: Sender, open: (onGone: () => void) => () => void): void {
    const key = toEntityKey(queue);
    const present = this.receivers.get(key) ?? new Set<Receiving>();
    this.receivers.set(key, present);
    const look = open(() => present.delete(receiving));
    const receiving: Receiving = { link, look };
    present.add(receiving);
    look();
  }

  has(queue: string): boolean {
    return (this.receivers.get(toEntityKey(queue))?.size ?? 0) > 0;
  }

  wake(queue: string): void {
    const present = this.receivers.get(toEntityKey(queue));
    if (!present || present.size === 0) return;
    for (const { look } of present) look();
    const [first] = present;
    if (first && present.delete(first)) present.add(first);
  }

  /** Detach every receiver of a queue, telling why. */
  shut(queue: string, { condition, description }: AmqpError): void {
    const present = this.receivers.get(toEntityKey(queue)) ?? new Set<Receiving>();
    for (const { link } of [...present]) {
      link.emit('outport_shut');
      link.close({ condition, description });
    }
    present.clear();
  }
}

interface Receiving {
  readonly link: Sender;
  readonly look: () => void;
}
