import type { AddressInfo, Server, Socket } from 'node:net';
import rhea, { type Connection, type EventContext, type Receiver, type Sender } from 'rhea';
import type { AddressFamily, DeliverySink } from './address-family.js';
import { entityNotFound, toAmqpError } from './amqp-error.js';
import { acknowledgePromptly } from './prompt-acknowledgement.js';
import { answerRequest, type ManagementHandler } from './request-reply.js';
import { linkInternalsOf, patchDrain, patchSession, product, type RawDelivery, socketOf } from './rhea-internals.js';
import { outcomes, settleDelivery } from './settlement.js';

const managementNode = /(?:^|\/)\$management$/i;
const cbsNode = '$cbs';
/** How long a silent peer is taken to be alive; the service's own value. */
const idleTimeoutMs = 240_000;
/** Wide enough that the largest publication is one frame. */
const maxFrameBytes = 2 * 1024 * 1024;
/** Deliveries a session may have under way; the SDKs' own window is 2,048 and rhea throws beyond its buffer. */
const sessionBuffer = { outgoing: 65_536, incoming: 16_384 };

/** A listening AMQP endpoint. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Any token is accepted: the listener is on loopback, and the emulator flag means there is none worth checking. */
const acceptToken: ManagementHandler = () => Promise.resolve({ status: 202 });

/** Serve address families over AMQP 1.0. Rejects with the socket error when the port is taken. */
export async function listen(options: {
  host: string;
  port: number;
  families: readonly AddressFamily[];
}): Promise<Listener> {
  const container = rhea.create_container({ id: 'outport-broker' });
  const connections = new Set<Connection>();
  wire(container, connections, options.families);
  const server: Server = container.listen({
    host: options.host,
    port: options.port,
    tcp_no_delay: true,
    // Python's clients take it for granted that the open frame names all of these.
    idle_time_out: idleTimeoutMs,
    max_frame_size: maxFrameBytes,
    properties: { product },
    sender_options: { treat_modified_as_released: false },
    receiver_options: { autoaccept: false, credit_window: 1_000 },
    // The typings know a number only; the pair is what rhea reads.
    session_buffer_size: sessionBuffer as unknown as number,
  } as Parameters<typeof container.listen>[0]);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await listening(server);
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return { port, close: () => shutDown(server, connections, sockets) };
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    if (server.listening) return resolve();
    server.once('listening', resolve);
    server.once('error', reject);
  });
}

/** Say goodbye with a close frame: clients then retry, where a dropped socket would make them give up. */
async function shutDown(server: Server, connections: Set<Connection>, sockets: Set<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const connection of connections) {
    connection.close({ condition: 'amqp:connection:forced', description: 'The broker is shutting down.' });
  }
  const impatient = setTimeout(() => sockets.forEach((socket) => socket.destroy()), 300);
  await closed;
  clearTimeout(impatient);
}

function wire(container: rhea.Container, connections: Set<Connection>, families: readonly AddressFamily[]): void {
  container.on('connection_open', ({ connection }: EventContext) => {
    connections.add(connection);
    connection.setMaxListeners(0); // every link listens for the connection's end
    // rhea watches `end` and `error` only; a socket destroyed from this side says neither.
    const socket = socketOf(connection);
    socket?.on('close', () => forget(connection));
    if (socket) acknowledgePromptly(socket, () => connection.is_open());
  });
  const forget = (connection: Connection): void => {
    connections.delete(connection);
    connection.emit('outport_gone');
  };
  for (const event of ['connection_close', 'disconnected'] as const) {
    container.on(event, ({ connection }: EventContext) => forget(connection));
  }
  // Without listeners rhea throws; a client's broken connection or link is that client's business only.
  for (const event of [
    'error',
    'connection_error',
    'protocol_error',
    'session_error',
    'sender_error',
    'receiver_error',
  ]) {
    container.on(event, () => undefined);
  }
  container.on('session_open', ({ session }: EventContext) => {
    if (session)
      patchSession(session, () =>
        session.each_sender(
          (sender: Sender) => void sender.emit('outport_window'),
          () => true,
        ),
      );
  });
  container.on('receiver_open', ({ receiver }: EventContext) => {
    if (receiver) guarded(receiver, () => openReceiving(receiver, families));
  });
  container.on('sender_open', ({ sender, connection }: EventContext) => {
    if (sender) guarded(sender, () => openSending(sender, connection, families));
  });
}

/** Refuse a link with the error its opening threw. */
function guarded(link: Sender | Receiver, open: () => void): void {
  mirror(link);
  try {
    open();
  } catch (error) {
    const { condition, description } = toAmqpError(error);
    link.close({ condition, description });
  }
}

/** Answer an attach with the client's own addresses and settlement modes. */
function mirror(link: Sender | Receiver): void {
  const { attach } = linkInternalsOf(link).local;
  attach['properties'] = { product };
  if (link.source?.address !== undefined) link.set_source({ address: link.source.address });
  if (link.target?.address !== undefined) link.set_target({ address: link.target.address });
  if (link.snd_settle_mode !== undefined) attach['snd_settle_mode'] = link.snd_settle_mode;
  if (link.rcv_settle_mode !== undefined) attach['rcv_settle_mode'] = link.rcv_settle_mode;
}

function openReceiving(link: Receiver, families: readonly AddressFamily[]): void {
  const address = toEntityPath(link.target?.address);
  const handler = findManagement(address, families);
  if (handler) {
    const answer = async ({ message, delivery }: RawDelivery): Promise<void> => {
      settleDelivery(delivery, outcomes.accepted());
      await answerRequest(link, message, handler);
    };
    link.on('message', (context: EventContext) => settle(toRawDelivery(context), answer, false));
    return;
  }
  const family = families.find((each) => each.openSink(address, link) !== undefined);
  const sink = family?.openSink(address, link);
  if (!family || !sink) throw entityNotFound(address);
  linkInternalsOf(link).local.attach['max_message_size'] = family.maxMessageBytes;
  link.on('message', (context: EventContext) => settle(toRawDelivery(context), sink, true));
}

function openSending(link: Sender, connection: Connection, families: readonly AddressFamily[]): void {
  const address = toEntityPath(link.source?.address);
  if (findManagement(address, families)) return;
  patchDrain(link);
  if (!families.some((family) => family.openSource(address, link, connection))) throw entityNotFound(address);
}

/** Some clients name entities by path, some by URL (`amqps://host:port/path`). */
function toEntityPath(address = ''): string {
  return address.replace(/^(?:amqps?|sb):\/\/[^/]*\//i, '');
}

function findManagement(address: string, families: readonly AddressFamily[]): ManagementHandler | undefined {
  if (address === cbsNode) return acceptToken;
  if (!managementNode.test(address)) return undefined;
  const entity = address.replace(managementNode, '');
  for (const family of families) {
    const handler = family.openManagement(entity);
    if (handler) return handler;
  }
  throw entityNotFound(address);
}

function toRawDelivery({ message, delivery, ...context }: EventContext): RawDelivery {
  if (!delivery || !Buffer.isBuffer(message)) throw new Error('a delivery without its bytes');
  return { message, delivery, format: (context as unknown as { format: number }).format }; // set for raw deliveries
}

/** Run a sink and settle with its outcome; the client's send resolves only now. */
function settle(raw: RawDelivery, sink: DeliverySink, answered: boolean): void {
  sink(raw).then(
    () => answered && settleDelivery(raw.delivery, outcomes.accepted()),
    (error: unknown) => {
      const { condition, description } = toAmqpError(error);
      if (answered) settleDelivery(raw.delivery, outcomes.rejected(condition, description));
    },
  );
}
