import { randomUUID } from 'node:crypto';
import { AmqpError } from '../amqp/amqp-error.js';
import type { IncomingMessage } from '../amqp/message-codec.js';
import type { RuntimeCounts, WaitingSettings } from './entities.js';
import { lockLost, messageNotFound } from './queue-errors.js';
import type { QueueLog } from './queue-journal.js';
import { ReadyList } from './ready-list.js';
import { type SessionRecord, SessionTable } from './session-table.js';
import { type Handed, type Lock, type StoredMessage, withProperties } from './stored-message.js';

/** Where dead-lettered messages go, and what wakes waiting receivers. */
export interface QueueContext {
  readonly name: string;
  readonly settings: WaitingSettings;
  readonly log: QueueLog;
  readonly nowMs: () => number;
  /** Called whenever something may have become receivable. */
  readonly onReady: () => void;
  readonly deadLetters?: MessageQueue;
}

/** Reason and text kept with a dead-lettered message, with further properties of the application's. */
export interface DeadLetterInfo {
  readonly reason?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/**
 * Messages waiting in a queue, a subscription or a dead-letter queue.
 *
 * Q1 State changes at once in memory; the returned promise resolves when the journal has it. Callers answer a client
 *    only after that.
 * Q2 A message is in exactly one place: ready, scheduled, deferred, or under a lock.
 */
export class MessageQueue {
  readonly sessions = new SessionTable();
  private readonly messages = new Map<number, StoredMessage>();
  private readonly ready = new ReadyList();
  private readonly locks = new Map<string, Lock>();
  private readonly scheduled = new Set<number>();
  private nextSequence = 1;
  private expiring = 0;

  constructor(readonly context: QueueContext) {}

  /** Add a message; scheduled when its time lies ahead. */
  put(
    message: IncomingMessage,
    options: { ttlMs?: number; deadLetterSource?: string } = {},
  ): { stored: StoredMessage; written: Promise<void> } {
    const nowMs = this.context.nowMs();
    const { scheduledAtMs } = message.fields;
    const ttlMs = smallest(options.ttlMs, message.fields.ttlMs, this.context.settings.defaultTtlMs);
    const waits = scheduledAtMs !== undefined && scheduledAtMs > nowMs;
    const stored: StoredMessage = {
      sequenceNumber: this.nextSequence++,
      enqueuedAtMs: waits ? scheduledAtMs : nowMs,
      state: waits ? 'scheduled' : 'active',
      deliveryCount: 0,
      ...(ttlMs !== undefined && { expiresAtMs: (waits ? scheduledAtMs : nowMs) + ttlMs }),
      ...(waits && { dueAtMs: scheduledAtMs }),
      ...(options.deadLetterSource !== undefined && { deadLetterSource: options.deadLetterSource }),
      wire: message,
      fields: message.fields,
    };
    this.place(stored);
    return { stored, written: this.context.log.put(stored) };
  }

  /** Put back what the journal holds; locks are gone. */
  restore(message: StoredMessage): void {
    if (this.messages.has(message.sequenceNumber)) this.forget(message.sequenceNumber);
    this.nextSequence = Math.max(this.nextSequence, message.sequenceNumber + 1);
    this.place(message);
  }

  restoreRemoval(sequenceNumber: number): void {
    this.forget(sequenceNumber);
  }

  restoreCount(sequenceNumber: number, deliveryCount: number): void {
    const message = this.messages.get(sequenceNumber);
    if (message) this.messages.set(sequenceNumber, { ...message, deliveryCount });
  }

  restoreNext(sequenceNumber: number): void {
    this.nextSequence = Math.max(this.nextSequence, sequenceNumber);
  }

  get next(): number {
    return this.nextSequence;
  }

  /** All messages in sequence order. */
  all(): StoredMessage[] {
    return [...this.messages.values()].sort((a, b) => a.sequenceNumber - b.sequenceNumber);
  }

  counts(): Omit<RuntimeCounts, 'deadLetter'> {
    return { active: this.messages.size - this.scheduled.size, scheduled: this.scheduled.size };
  }

  /** The next receivable message under a lock, or deleted when `deleting`. */
  take(options: { deleting: boolean; session?: SessionRecord }): Handed | undefined {
    const list = options.session?.ready ?? this.ready;
    for (let sequence = list.take(); sequence !== undefined; sequence = list.take()) {
      const message = this.messages.get(sequence);
      if (!message || this.expireIfDue(message)) continue;
      if (!options.deleting) return { message, lock: this.lock(message, options.session) };
      this.forget(sequence);
      return { message };
    }
    return undefined;
  }

  hasReady(session?: SessionRecord): boolean {
    return (session?.ready ?? this.ready).size > 0;
  }

  /** Write down that a message taken by receive-and-delete is gone. */
  remove(sequenceNumber: number): Promise<void> {
    return this.context.log.remove(sequenceNumber);
  }

  complete(token: string): Promise<void> {
    const message = this.unlock(token);
    this.forget(message.sequenceNumber);
    return this.context.log.remove(message.sequenceNumber);
  }

  /** Give a message back; past the delivery limit it is dead-lettered. */
  abandon(token: string, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const message = this.unlock(token);
    return this.giveBack(withProperties(message, changes), Object.keys(changes).length > 0);
  }

  defer(token: string, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const message = this.unlock(token);
    const deferred: StoredMessage = { ...withProperties(message, changes), state: 'deferred' };
    this.messages.set(deferred.sequenceNumber, deferred);
    return this.context.log.put(deferred);
  }

  deadLetter(token: string, info: DeadLetterInfo): Promise<void> {
    return this.moveToDeadLetters(this.unlock(token), info);
  }

  /** New end of a lock. @throws AmqpError when it is lost */
  renew(token: string): number {
    const lock = this.locks.get(token);
    if (!lock) throw lockLost();
    const untilMs = this.context.nowMs() + this.context.settings.lockDurationMs;
    this.locks.set(token, { ...lock, untilMs });
    return untilMs;
  }

  /** Messages from a sequence number on, in every state, without locking. */
  peek(fromSequence: number, count: number, sessionId?: string): StoredMessage[] {
    const nowMs = this.context.nowMs();
    return this.all()
      .filter((message) => message.sequenceNumber >= fromSequence)
      .filter((message) => message.expiresAtMs === undefined || message.expiresAtMs > nowMs)
      .filter((message) => sessionId === undefined || message.fields.sessionId === sessionId)
      .slice(0, count);
  }

  /** Receive deferred messages by number. @throws AmqpError when one is not deferred here */
  takeDeferred(sequences: readonly number[], deleting: boolean): { handed: Handed[]; written: Promise<void> } {
    const messages = sequences.map((sequence) => {
      const message = this.messages.get(sequence);
      if (message?.state === 'deferred' && !this.isLocked(sequence)) return message;
      throw messageNotFound(sequence);
    });
    if (!deleting)
      return { handed: messages.map((message) => ({ message, lock: this.lock(message) })), written: Promise.resolve() };
    for (const { sequenceNumber } of messages) this.forget(sequenceNumber);
    const written = Promise.all(messages.map(({ sequenceNumber }) => this.context.log.remove(sequenceNumber)));
    return { handed: messages.map((message) => ({ message })), written: written.then(() => undefined) };
  }

  /** Take back scheduled messages. @throws AmqpError when one is not scheduled */
  async cancelScheduled(sequences: readonly number[]): Promise<void> {
    const missing = sequences.find((sequence) => !this.scheduled.has(sequence));
    if (missing !== undefined) throw messageNotFound(missing);
    for (const sequence of sequences) this.forget(sequence);
    await Promise.all(sequences.map((sequence) => this.context.log.remove(sequence)));
  }

  /** Do what time has made due: end locks, activate scheduled messages, expire old ones. */
  tick(): void {
    const nowMs = this.context.nowMs();
    for (const lock of [...this.locks.values()]) if (lock.untilMs <= nowMs) this.expireLock(lock);
    for (const session of this.sessions.all()) {
      if (session.holder && session.holder.untilMs <= nowMs) this.releaseSession(session, true);
    }
    for (const sequence of [...this.scheduled]) this.activateIfDue(sequence, nowMs);
    if (this.expiring > 0) for (const message of this.messages.values()) this.expireReady(message);
  }

  /** Hold a session for a receiver. */
  holdSession(session: SessionRecord, onLost: () => void): number {
    const untilMs = this.context.nowMs() + this.context.settings.lockDurationMs;
    session.holder = { untilMs, onLost };
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
    for (const lock of [...this.locks.values()]) {
      if (lock.sessionId !== session.id) continue;
      if (lost) this.expireLock(lock);
      else this.returnUncounted(lock);
    }
    if (lost) holder?.onLost();
    this.context.onReady();
  }

  private returnUncounted(lock: Lock): void {
    this.locks.delete(lock.token);
    const message = this.messages.get(lock.sequenceNumber);
    if (message?.state === 'active') this.readyListOf(message).insert(message.sequenceNumber);
  }

  private place(message: StoredMessage): void {
    this.messages.set(message.sequenceNumber, message);
    if (message.expiresAtMs !== undefined) this.expiring += 1;
    if (message.state === 'scheduled') this.scheduled.add(message.sequenceNumber);
    if (message.state !== 'active') return;
    this.readyListOf(message).insert(message.sequenceNumber);
    this.context.onReady();
  }

  private readyListOf(message: StoredMessage): ReadyList {
    const { sessionId } = message.fields;
    return this.context.settings.requiresSession && sessionId !== undefined
      ? this.sessions.of(sessionId).ready
      : this.ready;
  }

  private forget(sequenceNumber: number): void {
    const message = this.messages.get(sequenceNumber);
    if (!message) return;
    if (message.expiresAtMs !== undefined) this.expiring -= 1;
    this.messages.delete(sequenceNumber);
    this.scheduled.delete(sequenceNumber);
    this.readyListOf(message).remove(sequenceNumber);
  }

  private lock(message: StoredMessage, session?: SessionRecord): Lock {
    const untilMs = session?.holder?.untilMs ?? this.context.nowMs() + this.context.settings.lockDurationMs;
    const token = randomUUID();
    const lock = { token, sequenceNumber: message.sequenceNumber, untilMs, ...(session && { sessionId: session.id }) };
    this.locks.set(token, lock);
    return lock;
  }

  private isLocked(sequenceNumber: number): boolean {
    return [...this.locks.values()].some((lock) => lock.sequenceNumber === sequenceNumber);
  }

  private unlock(token: string): StoredMessage {
    const lock = this.locks.get(token);
    const message = lock && this.messages.get(lock.sequenceNumber);
    if (!lock || !message || this.isOver(lock)) throw lockLost();
    this.locks.delete(token);
    return message;
  }

  /** Locks of a session end with the session's own lock. */
  private isOver(lock: Lock): boolean {
    if (lock.sessionId !== undefined) return this.sessions.of(lock.sessionId).holder === undefined;
    return lock.untilMs <= this.context.nowMs();
  }

  private expireLock(lock: Lock): void {
    if (lock.sessionId !== undefined && this.sessions.of(lock.sessionId).holder) return;
    this.locks.delete(lock.token);
    const message = this.messages.get(lock.sequenceNumber);
    if (message) this.giveBack(message, false).catch(() => undefined); // a dead journal refuses everything anyway
  }

  private giveBack(message: StoredMessage, rewritten: boolean): Promise<void> {
    const counted = { ...message, deliveryCount: message.deliveryCount + 1 };
    if (
      counted.state === 'active' &&
      counted.deliveryCount >= this.context.settings.maxDeliveryCount &&
      this.context.deadLetters
    ) {
      const description = `Message could not be consumed after ${counted.deliveryCount} delivery attempts.`;
      return this.moveToDeadLetters(counted, { reason: 'MaxDeliveryCountExceeded', description });
    }
    this.messages.set(counted.sequenceNumber, counted);
    if (counted.state === 'active') this.readyListOf(counted).insert(counted.sequenceNumber);
    this.context.onReady();
    if (rewritten) return this.context.log.put(counted);
    return this.context.log.count(counted.sequenceNumber, counted.deliveryCount);
  }

  private async moveToDeadLetters(message: StoredMessage, info: DeadLetterInfo): Promise<void> {
    this.forget(message.sequenceNumber);
    const { deadLetters, name, log } = this.context;
    if (deadLetters) {
      const changes = {
        ...info.properties,
        ...(info.reason !== undefined && { DeadLetterReason: info.reason }),
        ...(info.description !== undefined && { DeadLetterErrorDescription: info.description }),
      };
      const { wire, fields } = withProperties(message, changes);
      const { ttlMs: _ttl, scheduledAtMs: _scheduled, ...kept } = fields;
      await deadLetters.put({ ...wire, fields: kept }, { deadLetterSource: name }).written;
    }
    await log.remove(message.sequenceNumber);
  }

  private activateIfDue(sequence: number, nowMs: number): void {
    const message = this.messages.get(sequence);
    if (!message || (message.dueAtMs ?? 0) > nowMs) return;
    this.scheduled.delete(sequence);
    const { dueAtMs: _due, ...rest } = message;
    const active: StoredMessage = { ...rest, state: 'active' };
    this.messages.set(sequence, active);
    this.readyListOf(active).insert(sequence);
    this.context.onReady();
  }

  private expireReady(message: StoredMessage): void {
    if (message.state !== 'active' || (message.expiresAtMs ?? Infinity) > this.context.nowMs()) return;
    if (this.readyListOf(message).remove(message.sequenceNumber)) this.expireIfDue(message);
  }

  /** Whether a message has outlived its time; if so it is dead-lettered or dropped. */
  private expireIfDue(message: StoredMessage): boolean {
    if (message.expiresAtMs === undefined || message.expiresAtMs > this.context.nowMs()) return false;
    const { settings, log } = this.context;
    const keep = settings.deadLetteringOnMessageExpiration && this.context.deadLetters !== undefined;
    const info = { reason: 'TTLExpiredException', description: 'The message expired and was dead lettered.' };
    this.forget(message.sequenceNumber);
    const gone = keep ? this.moveToDeadLetters(message, info) : log.remove(message.sequenceNumber);
    gone.catch(() => undefined); // a dead journal refuses everything anyway
    return true;
  }
}

function smallest(...values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
