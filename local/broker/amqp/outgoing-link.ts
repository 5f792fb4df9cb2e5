import type { Connection, Delivery, Sender } from 'rhea';
import { linkInternalsOf, sendableCount } from './rhea-internals.js';

/** What a link has to give: called while the client has room; false when there is nothing now. */
export type Feed = () => boolean;

/**
 * Push from a feed to a client's receiving link within its credit and session window, and answer drains.
 * Returns the function that looks for work; it is cheap to call and safe to call often.
 */
export function pumpLink(link: Sender, connection: Connection, feed: Feed, onGone: () => void): () => void {
  let gone = false;
  let draining = false;
  let scheduled = false;

  const pump = (): void => {
    scheduled = false;
    if (gone || !link.is_open()) return;
    while (sendableCount(link) > 0 && feed());
    if (draining && sendableCount(link) >= 0) {
      draining = false;
      link.set_drained(true);
      registerWork(connection);
    }
  };
  const look = (): void => {
    if (scheduled || gone) return;
    scheduled = true;
    setImmediate(pump);
  };
  const leave = (): void => {
    if (gone) return;
    gone = true;
    onGone();
  };

  link.on('sendable', look);
  link.on('outport_window', look);
  link.on('sender_draining', () => {
    draining = true;
    look();
  });
  for (const event of ['sender_close', 'sender_error']) link.on(event, leave);
  link.session.on('session_close', leave);
  connection.on('outport_gone', leave);
  return look;
}

/** Send encoded bytes as they are. */
export function sendRaw(link: Sender, bytes: Buffer, options: { tag: Buffer; settled: boolean }): Delivery {
  const delivery = link.send(bytes, options.tag, 0);
  if (options.settled) (delivery as { settled: boolean }).settled = true; // read-only in the typings only
  return delivery;
}

/** rhea writes pending frames when told there is work; setting a link drained does not tell it. */
function registerWork(connection: Connection): void {
  (connection as unknown as { _register(): void })._register(); // internal, see rhea-internals.ts
}

/** Take back the attach answer rhea is about to give, to be given later with `link.open()`. */
export function delayAttach(link: Sender): void {
  const { state } = linkInternalsOf(link);
  state.local_open = false;
  state.open_requests = 0;
}
