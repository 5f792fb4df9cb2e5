import rhea, { type Connection, type Sender } from 'rhea';
import { AmqpError } from '../amqp/amqp-error.js';
import { delayAttach } from '../amqp/outgoing-link.js';
import { linkInternalsOf } from '../amqp/rhea-internals.js';
import type { MessageQueue } from './message-queue.js';
import { serveReceiver } from './receiver-link.js';
import type { SessionRecord } from './session-table.js';

const filterName = 'com.microsoft:session-filter';
const defaultWaitMs = 55_000;

/** Which session a link asks for: an id, null for the next available, undefined for none. */
export function readSessionFilter(link: Sender): string | null | undefined {
  const filter = link.source?.filter as Record<string, unknown> | undefined;
  if (!filter || !(filterName in filter)) return undefined;
  const value = filter[filterName];
  return typeof value === 'string' ? value : null;
}

/**
 * Give a session to a link. A link that asks for the next available one waits unanswered until there is one, or until
 * the time it named is over. Returns the function to call when the queue may have something.
 */
export function serveSession(
  link: Sender,
  connection: Connection,
  source: { queue: MessageQueue; asked: string | null; onGone: () => void },
): () => void {
  const { queue, asked } = source;
  if (asked !== null) return start(link, connection, { ...source, session: take(queue, asked) });
  let look: (() => void) | undefined;
  const tryStart = (): boolean => {
    const session = queue.shelf.sessions.nextAvailable();
    if (session) look = start(link, connection, { ...source, session });
    return session !== undefined;
  };
  if (tryStart()) return () => look?.();
  delayAttach(link);
  const waiting = waitOn(link, connection, source.onGone);
  return () => {
    if (look) return look();
    if (!waiting.isOver() && connection.is_open() && tryStart()) waiting.answer();
  };
}

/** The wait of a link whose attach is held back. It ends answered, refused for lateness, or with the link. */
function waitOn(
  link: Sender,
  connection: Connection,
  onGone: () => void,
): { isOver: () => boolean; answer: () => void } {
  let over = false;
  const end = (answered: boolean): boolean => {
    if (over) return false;
    over = true;
    clearTimeout(timer);
    if (answered) link.open();
    return true;
  };
  const leave = (): void => {
    if (end(false)) onGone();
  };
  const timer = setTimeout(() => {
    if (!end(true)) return;
    onGone();
    link.close({ condition: 'com.microsoft:timeout', description: 'No session became available in time.' });
  }, toWaitMs(link));
  timer.unref();
  for (const event of ['sender_close', 'sender_error']) link.on(event, leave);
  link.session.on('session_close', leave);
  connection.on('outport_gone', leave);
  link.on('outport_shut', () => end(true)); // whoever shuts it closes it next
  return { isOver: () => over, answer: () => end(true) };
}

function take(queue: MessageQueue, id: string): SessionRecord {
  const session = queue.shelf.sessions.of(id);
  if (!session.holder) return session;
  throw new AmqpError('com.microsoft:session-cannot-be-locked', `The session '${id}' is locked by another receiver.`);
}

function start(
  link: Sender,
  connection: Connection,
  source: { queue: MessageQueue; session: SessionRecord; onGone: () => void },
): () => void {
  const { queue, session } = source;
  const untilMs = queue.holdSession(session, () =>
    link.close({ condition: 'com.microsoft:session-lock-lost', description: 'The session lock has expired.' }),
  );
  const holder = session.holder;
  link.set_source({ address: link.source.address, filter: { [filterName]: session.id } });
  linkInternalsOf(link).local.attach['properties'] = {
    'com.microsoft:locked-until-utc': rhea.types.wrap_long(toTicks(untilMs)),
  };
  const onGone = (): void => {
    if (session.holder && (session.holder === holder || session.holder.onLost === holder?.onLost))
      queue.releaseSession(session, false);
    source.onGone();
  };
  return serveReceiver(link, connection, { queue, session, onGone });
}

/** .NET ticks as the eight big-endian bytes of an AMQP long: 100 ns since the year 1. */
function toTicks(ms: number): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(ms) * 10_000n + 621_355_968_000_000_000n);
  return bytes as unknown as number; // rhea writes a Buffer as the raw long; the typings know numbers only
}

function toWaitMs(link: Sender): number {
  const asked = (link.properties as Record<string, unknown> | undefined)?.['com.microsoft:timeout'];
  return typeof asked === 'number' ? Math.max(100, asked - 500) : defaultWaitMs;
}
