import type { RuntimeCounts } from './entities.js';
import { ReadyList } from './ready-list.js';
import { type SessionRecord, SessionTable } from './session-table.js';
import type { StoredMessage } from './stored-message.js';

/**
 * Where each message of a queue lies: ready (for all, or in its session), scheduled, or aside (deferred, or under a
 * lock). In memory only.
 */
export class MessageShelf {
  readonly sessions = new SessionTable();
  private readonly messages = new Map<number, StoredMessage>();
  private readonly ready = new ReadyList();
  private readonly scheduled = new Set<number>();
  private nextSequence = 1;

  constructor(private readonly bySession: () => boolean) {}

  /** The number the next message gets. */
  get next(): number {
    return this.nextSequence;
  }

  /** Numbers below this one are taken. */
  reserveBelow(sequenceNumber: number): void {
    this.nextSequence = Math.max(this.nextSequence, sequenceNumber);
  }

  /** Lay a message where its state says; whether it can be received now. */
  place(message: StoredMessage): boolean {
    this.reserveBelow(message.sequenceNumber + 1);
    this.forget(message.sequenceNumber);
    this.set(message);
    if (message.state === 'scheduled') this.scheduled.add(message.sequenceNumber);
    if (message.state !== 'active') return false;
    this.makeReady(message);
    return true;
  }

  /** Keep this version of a message; it stays where it lies. */
  set(message: StoredMessage): void {
    this.messages.set(message.sequenceNumber, message);
  }

  find(sequenceNumber: number): StoredMessage | undefined {
    return this.messages.get(sequenceNumber);
  }

  /** Take a message away altogether. */
  forget(sequenceNumber: number): void {
    const message = this.messages.get(sequenceNumber);
    if (!message) return;
    this.messages.delete(sequenceNumber);
    this.scheduled.delete(sequenceNumber);
    this.takeReady(message);
  }

  makeReady(message: StoredMessage): void {
    this.listOf(message).insert(message.sequenceNumber);
  }

  /** Lay a ready message aside; `false` when it was not ready. */
  takeReady(message: StoredMessage): boolean {
    return this.listOf(message).remove(message.sequenceNumber);
  }

  /** The first ready message, laid aside. */
  takeFirst(session: SessionRecord | undefined): StoredMessage | undefined {
    const list = session?.ready ?? this.ready;
    for (let sequence = list.take(); sequence !== undefined; sequence = list.take()) {
      const message = this.messages.get(sequence);
      if (message) return message;
    }
    return undefined;
  }

  hasReady(session?: SessionRecord): boolean {
    return (session?.ready ?? this.ready).size > 0;
  }

  isScheduled(sequenceNumber: number): boolean {
    return this.scheduled.has(sequenceNumber);
  }

  get scheduledCount(): number {
    return this.scheduled.size;
  }

  allScheduled(): StoredMessage[] {
    return [...this.scheduled].flatMap((sequence) => this.messages.get(sequence) ?? []);
  }

  /** In no order. */
  values(): Iterable<StoredMessage> {
    return this.messages.values();
  }

  /** All messages in sequence order. */
  all(): StoredMessage[] {
    return [...this.messages.values()].sort((a, b) => a.sequenceNumber - b.sequenceNumber);
  }

  counts(): Omit<RuntimeCounts, 'deadLetter'> {
    let sizeBytes = 0;
    for (const { wire } of this.messages.values()) sizeBytes += wire.size;
    return { active: this.messages.size - this.scheduled.size, scheduled: this.scheduled.size, sizeBytes };
  }

  private listOf({ fields: { sessionId } }: StoredMessage): ReadyList {
    return this.bySession() && sessionId !== undefined ? this.sessions.of(sessionId).ready : this.ready;
  }
}
