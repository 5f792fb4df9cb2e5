import { ReadyList } from './ready-list.js';

/** One session of a queue. */
export interface SessionRecord {
  readonly id: string;
  readonly ready: ReadyList;
  state: Buffer | undefined;
  /** The receiver that holds the session, and until when. */
  holder: { readonly untilMs: number; readonly onLost: () => void } | undefined;
}

/** The sessions of one queue, in the order they were first seen. */
export class SessionTable {
  private readonly sessions = new Map<string, SessionRecord>();

  of(id: string): SessionRecord {
    const known = this.sessions.get(id);
    if (known) return known;
    const created: SessionRecord = { id, ready: new ReadyList(), state: undefined, holder: undefined };
    this.sessions.set(id, created);
    return created;
  }

  all(): Iterable<SessionRecord> {
    return this.sessions.values();
  }

  /** The first session with something to receive that nobody holds. */
  nextAvailable(): SessionRecord | undefined {
    return [...this.sessions.values()].find((session) => !session.holder && session.ready.size > 0);
  }
}
