import type { Socket } from 'node:net';
import type { Connection, Delivery, Receiver, Sender, Session } from 'rhea';

/**
 * The undocumented parts of rhea 3.0.5 the broker relies on, in one place. The version is pinned; the protocol tests
 * fail if any of this moves.
 */
export interface SessionInternals {
  readonly local: { begin: Record<string, unknown> };
  output(frame: { batchable?: boolean }, payload?: Buffer): void;
  readonly outgoing: { next_delivery_id: number; next_pending_delivery: number; transfer_window(): number };
  on_transfer(frame: { performative: { message_format?: number; more?: boolean } }): void;
  on_flow(frame: { performative: { handle?: number } }): void;
}

export interface SenderInternals {
  credit: number;
  delivery_count: number;
  _draining: boolean;
  _get_drain(): boolean;
  readonly session: Session & SessionInternals;
  readonly local: { attach: Record<string, unknown> };
  readonly state: { local_open: boolean; open_requests: number };
}

/**
 * Said in every open, begin and attach frame: some clients take it for granted that these frames go on to their last
 * field, the properties, and rhea leaves out what is empty at the end.
 */
export const product = 'outport-broker';
/** No limit of our own on links in a session. */
const maxHandle = 0xff_ff_ff_ff;

/** The same session, seen with its internals. */
export function internalsOf(session: Session): SessionInternals {
  return session as unknown as SessionInternals; // the typings leave these members out
}

/** The same link, seen with its internals. */
export function linkInternalsOf(link: Sender | Receiver): SenderInternals {
  return link as unknown as SenderInternals; // the typings leave these members out
}

/** Marks a single message whose bytes must reach us undecoded; chosen outside the formats the services use. */
export const rawSingleFormat = 0x7f_00_00_01;
/** Message format of a Service Bus or Event Hubs batch. */
export const batchFormat = 0x80_01_37_00;

/**
 * Make a session hand every message over as raw bytes: rhea decodes format 0 itself, and decoding loses types that the
 * receiver must get back unchanged. `onWindow` is called when the peer's session window may have opened.
 */
export function patchSession(session: Session, onWindow: () => void): void {
  const internals = internalsOf(session);
  Object.assign(internals.local.begin, { handle_max: maxHandle, properties: { product } });
  // `batchable` is a transfer's last field: said, so that the frame is whole. It only permits lazy settlement.
  const output = internals.output.bind(session);
  internals.output = (frame, payload) => {
    if (payload !== undefined) frame.batchable = true;
    output(frame, payload);
  };
  const onTransfer = internals.on_transfer.bind(session);
  const onFlow = internals.on_flow.bind(session);
  internals.on_transfer = (frame) => {
    if (!frame.performative.message_format) frame.performative.message_format = rawSingleFormat;
    onTransfer(frame);
  };
  internals.on_flow = (frame) => {
    onFlow(frame);
    if (frame.performative.handle === undefined || frame.performative.handle === null) onWindow();
  };
}

/** Messages the link may be given now: its credit and the peer's window, less what is queued but not yet written. */
export function sendableCount(link: Sender): number {
  const internals = linkInternalsOf(link);
  const { outgoing } = internals.session;
  const queued = outgoing.next_delivery_id - outgoing.next_pending_delivery;
  return Math.max(0, Math.min(internals.credit - queued, outgoing.transfer_window() - queued));
}

/** A link whose drain is always answered, also when the last credit was used while the request was on its way. */
export function patchDrain(link: Sender): void {
  const internals = linkInternalsOf(link);
  let asked = false;
  link.on('sender_draining', () => (asked = true));
  internals._get_drain = () => {
    if (!asked) return false;
    asked = false;
    internals.delivery_count += internals.credit;
    internals.credit = 0;
    return true;
  };
}

/** The raw bytes and format of a delivery that arrived through `patchSession`. */
export interface RawDelivery {
  readonly message: Buffer;
  readonly format: number;
  readonly delivery: Delivery;
}

/** The socket under a connection. */
export function socketOf(connection: Connection): Socket | undefined {
  return (connection as unknown as { socket?: Socket }).socket; // the typings leave it out
}
