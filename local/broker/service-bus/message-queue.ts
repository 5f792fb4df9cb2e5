import { AmqpError } from '../amqp/amqp-error.js';
import type { IncomingMessage } from '../amqp/message-codec.js';
import type { JournalRecord } from '../../journal/record.js';
import type { QueueSettings } from './entities.js';
import { LockTable } from './lock-table.js';
import { MessageShelf } from './message-shelf.js';
import { lockLost, messageNotFound } from './queue-errors.js';
import { type QueueRecords, recordsOf } from './queue-journal.js';
import type { QueueContext } from './queue-context.js';
import type { SessionRecord } from './session-table.js';
import {
  type DeadLetterInfo,
  type Handed,
  type Lock,
  smallest,
  type StoredMessage,
  toDeadLetter,
  toStoredMessage,
  withProperties,
} from './stored-message.js';

/**
 * Messages waiting in a queue, a subscription or a dead-letter queue.
 *
 * Q1 State changes at once in memory; the returned promise resolves when the journal has it. Callers answer a client
 *    only after that.
 * Q2 A message is in exactly one place: ready, scheduled, deferred, or under a lock.
 * Q3 What one call changes is one append: after a crash all of it is there, or none.
 */
export class MessageQueue {
  readonly shelf: MessageShelf;
  private readonly locks = new LockTable();
  private readonly records: QueueRecords;
  /** No lock, session, scheduled message or time to live ends before this. */
  private quietUntilMs = Infinity;

  constructor(
    readonly context: QueueContext,
    private given: QueueSettings,
  ) {
    this.shelf = new MessageShelf(() => this.given.requiresSession);
    this.records = recordsOf(context.name);
  }

  get settings(): QueueSettings {
    return this.given;
  }

  /** Other settings from now on; what messages already got from the old ones stays. */
  configure(settings: QueueSettings): void {
    this.given = settings;
  }

  /** Add a message; scheduled when its time lies ahead. Gives the record that must be in the journal for it. */
  put(
    message: IncomingMessage,
    options: { ttlMs?: number; deadLetterSource?: string } = {},
  ): { stored: StoredMessage; record: JournalRecord } {
    const ttlMs = smallest(options.ttlMs, message.fields.ttlMs, this.settings.defaultTtlMs);
    const { deadLetterSource } = options;
    const stored = toStoredMessage(message, {
      sequenceNumber: this.shelf.next,
      nowMs: this.context.nowMs(),
      ...(ttlMs !== undefined && { ttlMs }),
      ...(deadLetterSource !== undefined && { deadLetterSource }),
    });
    this.place(stored);
    return { stored, record: this.records.put(stored) };
  }

  /** Put back what the journal holds; locks are gone. */
  restore(message: StoredMessage): void {
    this.place(message);
  }

  restoreCount(sequenceNumber: number, deliveryCount: number): void {
    const message = this.shelf.find(sequenceNumber);
    if (message) this.shelf.set({ ...message, deliveryCount });
  }

  /** The next receivable message under a lock, or deleted when `deleting`. */
  take(options: { deleting: boolean; session?: SessionRecord }): Handed | undefined {
    for (;;) {
      const message = this.shelf.takeFirst(options.session);
      if (!message) return undefined;
      if (this.expireIfDue(message)) continue;
      if (!options.deleting) return { message, lock: this.lock(message, options.session) };
      this.shelf.forget(message.sequenceNumber);
      return { message };
    }
  }

  /** Write down that a message taken by receive-and-delete is gone. */
  remove(sequenceNumber: number): Promise<void> {
    return this.write(this.removal(sequenceNumber));
  }

  /** What must be in the journal for a message that is gone. */
  removal(sequenceNumber: number): JournalRecord {
    return this.records.remove(sequenceNumber);
  }

  complete(token: string): Promise<void> {
    const message = this.unlock(token);
    this.shelf.forget(message.sequenceNumber);
    return this.write(this.removal(message.sequenceNumber));
  }

  /** Give a message back; past the delivery limit it is dead-lettered. */
  abandon(token: string, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const message = this.unlock(token);
    return this.giveBack(withProperties(message, changes), Object.keys(changes).length > 0);
  }

  defer(token: string, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const message = this.unlock(token);
    const deferred: StoredMessage = { ...withProperties(message, changes), state: 'deferred' };
    this.shelf.set(deferred);
    return this.write(this.records.put(deferred));
  }

  deadLetter(token: string, info: DeadLetterInfo): Promise<void> {
    return this.moveToDeadLetters(this.unlock(token), info);
  }

  /** New end of a lock. @throws AmqpError when it is lost */
  renew(token: string): number {
    const lock = this.locks.find(token);
    if (!lock) throw lockLost();
    const untilMs = this.context.nowMs() + this.settings.lockDurationMs;
    this.locks.extend(lock, untilMs);
    return untilMs;
  }

  /** Messages from a sequence number on, in every state, without locking. */
  peek(fromSequence: number, count: number, sessionId?: string): StoredMessage[] {
    const nowMs = this.context.nowMs();
    return this.shelf
      .all()
      .filter((message) => message.sequenceNumber >= fromSequence)
      .filter((message) => message.expiresAtMs === undefined || message.expiresAtMs > nowMs)
      .filter((message) => sessionId === undefined || message.fields.sessionId === sessionId)
      .slice(0, count);
  }

  /** Receive deferred messages by number. @throws AmqpError when one is not deferred here */
  takeDeferred(sequences: readonly number[], deleting: boolean): { handed: Handed[]; written: Promise<void> } {
    const messages = sequences.map((sequence) => {
      const message = this.shelf.find(sequence);
      if (message?.state === 'deferred' && !this.locks.has(sequence)) return message;
      throw messageNotFound(sequence);
    });
    if (!deleting)
      return { handed: messages.map((message) => ({ message, lock: this.lock(message) })), written: Promise.resolve() };
    for (const { sequenceNumber } of messages) this.shelf.forget(sequenceNumber);
    const written = this.write(...messages.map(({ sequenceNumber }) => this.removal(sequenceNumber)));
    return { handed: messages.map((message) => ({ message })), written };
  }

  /** Take back scheduled messages. @throws AmqpError when one is not scheduled */
  async cancelScheduled(sequences: readonly number[]): Promise<void> {
    const missing = sequences.find((sequence) => !this.shelf.isScheduled(sequence));
    if (missing !== undefined) throw messageNotFound(missing);
    for (const sequence of sequences) this.shelf.forget(sequence);
    await this.write(...sequences.map((sequence) => this.removal(sequence)));
  }

  /** Do what time has made due: end locks, activate scheduled messages, expire old ones. */
  tick(): void {
    const nowMs = this.context.nowMs();
    if (nowMs < this.quietUntilMs) return;
    this.quietUntilMs = Infinity;
    for (const lock of this.locks.all()) {
      if (lock.untilMs <= nowMs) this.expireLock(lock);
      else this.wakeAt(lock.untilMs);
    }
    for (const session of this.shelf.sessions.all()) {
      if (session.holder && session.holder.untilMs <= nowMs) this.releaseSession(session, true);
      else this.wakeAt(session.holder?.untilMs);
    }
    for (const message of this.shelf.allScheduled()) this.activateIfDue(message, nowMs);
    for (const message of this.shelf.values()) this.expireReady(message, nowMs);
  }

  /** Write a session's state down; undefined takes it away. */
  setSessionState(id: string, state: Buffer | undefined): Promise<void> {
    this.shelf.sessions.of(id).state = state;
    return this.write(this.records.session(id, state));
  }

  /** Hold a session for a receiver. */
  holdSession(session: SessionRecord, onLost: () => void): number {
    const untilMs = this.context.nowMs() + this.settings.lockDurationMs;
    session.holder = { untilMs, onLost };
    this.wakeAt(untilMs);
    return untilMs;
  }

  renewSession(session: SessionRecord): number {
    if (!session.holder) throw new AmqpError('com.microsoft:session-lock-lost', 'The session lock has expired.', 410);
    return this.holdSession(session, session.holder.onLost);
  }

  /** Let go of a session: its messages under lock go back in order. */
  releaseSession(session: SessionRecord, lost: boolean): void {
    const { holder } = session;
    session.holder = undefined;
    for (const lock of this.locks.all()) {
      if (lock.sessionId !== session.id) continue;
      if (lost) this.expireLock(lock);
      else this.returnUncounted(lock);
    }
    if (lost) holder?.onLost();
    this.context.onReady();
  }

  private returnUncounted(lock: Lock): void {
    this.locks.remove(lock);
    const message = this.shelf.find(lock.sequenceNumber);
    if (message?.state !== 'active') return;
    this.wakeAt(message.expiresAtMs);
    this.shelf.makeReady(message);
  }

  private place(message: StoredMessage): void {
    this.wakeAt(message.expiresAtMs);
    this.wakeAt(message.dueAtMs);
    if (this.shelf.place(message)) this.context.onReady();
  }

  private lock(message: StoredMessage, session?: SessionRecord): Lock {
    const untilMs = session?.holder?.untilMs ?? this.context.nowMs() + this.settings.lockDurationMs;
    this.wakeAt(untilMs);
    return this.locks.add(message.sequenceNumber, untilMs, session?.id);
  }

  private unlock(token: string): StoredMessage {
    const lock = this.locks.find(token);
    const message = lock && this.shelf.find(lock.sequenceNumber);
    if (!lock || !message || this.isOver(lock)) throw lockLost();
    this.locks.remove(lock);
    return message;
  }

  /** Locks of a session end with the session's own lock. */
  private isOver(lock: Lock): boolean {
    if (lock.sessionId !== undefined) return this.shelf.sessions.of(lock.sessionId).holder === undefined;
    return lock.untilMs <= this.context.nowMs();
  }

  private expireLock(lock: Lock): void {
    if (lock.sessionId !== undefined && this.shelf.sessions.of(lock.sessionId).holder) return;
    this.locks.remove(lock);
    const message = this.shelf.find(lock.sequenceNumber);
    if (message) this.giveBack(message, false).catch(() => undefined); // a dead journal refuses everything anyway
  }

  private giveBack(message: StoredMessage, rewritten: boolean): Promise<void> {
    const counted = { ...message, deliveryCount: message.deliveryCount + 1 };
    if (
      counted.state === 'active' &&
      counted.deliveryCount >= this.settings.maxDeliveryCount &&
      this.context.deadLetters
    ) {
      const description = `Message could not be consumed after ${counted.deliveryCount} delivery attempts.`;
      return this.moveToDeadLetters(counted, { reason: 'MaxDeliveryCountExceeded', description });
    }
    this.shelf.set(counted);
    this.wakeAt(counted.expiresAtMs);
    if (counted.state === 'active') this.shelf.makeReady(counted);
    this.context.onReady();
    if (rewritten) return this.write(this.records.put(counted));
    return this.write(this.records.count(counted.sequenceNumber, counted.deliveryCount));
  }

  private moveToDeadLetters(message: StoredMessage, info: DeadLetterInfo): Promise<void> {
    this.shelf.forget(message.sequenceNumber);
    const { deadLetters, name } = this.context;
    const removal = this.removal(message.sequenceNumber);
    if (!deadLetters) return this.write(removal);
    return this.write(deadLetters.put(toDeadLetter(message, info), { deadLetterSource: name }).record, removal);
  }

  private write(...records: JournalRecord[]): Promise<void> {
    return this.context.journal.append(records);
  }

  private wakeAt(ms: number | undefined): void {
    if (ms !== undefined && ms < this.quietUntilMs) this.quietUntilMs = ms;
  }

  private activateIfDue(message: StoredMessage, nowMs: number): void {
    if ((message.dueAtMs ?? 0) > nowMs) return this.wakeAt(message.dueAtMs);
    const { dueAtMs: _due, ...rest } = message;
    this.place({ ...rest, state: 'active' });
  }

  private expireReady(message: StoredMessage, nowMs: number): void {
    if ((message.expiresAtMs ?? Infinity) > nowMs) return this.wakeAt(message.expiresAtMs);
    if (message.state !== 'active') return;
    if (this.shelf.takeReady(message)) this.expireIfDue(message);
  }

  /** Whether a message has outlived its time; if so it is dead-lettered or dropped. */
  private expireIfDue(message: StoredMessage): boolean {
    if (message.expiresAtMs === undefined || message.expiresAtMs > this.context.nowMs()) return false;
    const keep = this.settings.deadLetteringOnMessageExpiration && this.context.deadLetters !== undefined;
    const info = { reason: 'TTLExpiredException', description: 'The message expired and was dead lettered.' };
    this.shelf.forget(message.sequenceNumber);
    const gone = keep ? this.moveToDeadLetters(message, info) : this.write(this.removal(message.sequenceNumber));
    gone.catch(() => undefined); // a dead journal refuses everything anyway
    return true;
  }
}
