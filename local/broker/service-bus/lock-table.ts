import { randomUUID } from 'node:crypto';
import type { Lock } from './stored-message.js';

/** The locks of one queue, by token and by message. */
export class LockTable {
  private readonly locks = new Map<string, Lock>();
  private readonly sequences = new Set<number>();

  add(sequenceNumber: number, untilMs: number, sessionId?: string): Lock {
    const lock: Lock = {
      token: randomUUID(),
      sequenceNumber,
      untilMs,
      ...(sessionId !== undefined && { sessionId }),
    };
    this.locks.set(lock.token, lock);
    this.sequences.add(sequenceNumber);
    return lock;
  }

  find(token: string): Lock | undefined {
    return this.locks.get(token);
  }

  has(sequenceNumber: number): boolean {
    return this.sequences.has(sequenceNumber);
  }

  extend(lock: Lock, untilMs: number): void {
    this.locks.set(lock.token, { ...lock, untilMs });
  }

  remove({ token, sequenceNumber }: Lock): void {
    this.locks.delete(token);
    this.sequences.delete(sequenceNumber);
  }

  /** A copy, so that locks may be removed while it is walked. */
  all(): Lock[] {
    return [...this.locks.values()];
  }
}
