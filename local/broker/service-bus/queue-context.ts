import type { Journal } from '../../journal/journal.js';
import type { MessageQueue } from './message-queue.js';

/** Where dead-lettered messages go, and what wakes waiting receivers. */
export interface QueueContext {
  readonly name: string;
  readonly journal: Journal;
  readonly nowMs: () => number;
  /** Called whenever something may have become receivable. */
  readonly onReady: () => void;
  readonly deadLetters?: MessageQueue;
}
