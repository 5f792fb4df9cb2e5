import type { Connection, Receiver, Sender } from 'rhea';
import type { ManagementHandler } from './request-reply.js';
import type { RawDelivery } from './rhea-internals.js';

/** Takes what a client sends on one link. Throws AmqpError to refuse a delivery. */
export type DeliverySink = (delivery: RawDelivery) => Promise<void>;

/** One kind of entity the listener serves: Service Bus, or Event Hubs. */
export interface AddressFamily {
  /** Sink for a client's sending link, or undefined when the address is not of this family. @throws AmqpError */
  openSink(address: string, link: Receiver): DeliverySink | undefined;
  /** Serve a client's receiving link; false when the address is not of this family. @throws AmqpError */
  openSource(address: string, link: Sender, connection: Connection): boolean;
  /** Handler for a management node (`address` without `/$management`), or undefined. */
  openManagement(address: string): ManagementHandler | undefined;
  /** Largest message a link to the address takes, in bytes. */
  readonly maxMessageBytes: number;
}
