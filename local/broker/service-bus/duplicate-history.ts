import type { Journal } from '../journal/journal.js';
import type { JournalRecord } from '../journal/record.js';

/** A remembered message id, as the journal holds it. */
export interface DuplicateOperation {
  readonly t: 'dup';
  readonly e: string;
  readonly id: string;
  readonly at: number;
}

/** Message ids seen within the detection window of one queue or topic. Without a window it remembers nothing. */
export class DuplicateHistory {
  private readonly seenAtMs = new Map<string, number>();

  constructor(
    private readonly entity: string,
    private readonly windowMs: number | undefined,
    private readonly journal: Journal,
  ) {}

  isDuplicate(messageId: string, nowMs: number): boolean {
    if (this.windowMs === undefined) return false;
    this.forgetBefore(nowMs - this.windowMs);
    return this.seenAtMs.has(messageId);
  }

  remember(messageId: string, nowMs: number): Promise<void> {
    if (this.windowMs === undefined) return Promise.resolve();
    this.seenAtMs.set(messageId, nowMs);
    return this.journal.append(this.toOperation(messageId, nowMs));
  }

  restore({ id, at }: DuplicateOperation): void {
    if (this.windowMs !== undefined) this.seenAtMs.set(id, at);
  }

  *records(nowMs: number): Iterable<JournalRecord> {
    if (this.windowMs === undefined) return;
    this.forgetBefore(nowMs - this.windowMs);
    for (const [id, at] of this.seenAtMs) yield { header: this.toOperation(id, at), bytes: Buffer.alloc(0) };
  }

  /** Ids are in the order they were seen, so forgetting stops at the first that is young enough. */
  private forgetBefore(oldestMs: number): void {
    for (const [id, at] of this.seenAtMs) {
      if (at > oldestMs) return;
      this.seenAtMs.delete(id);
    }
  }

  private toOperation(id: string, at: number): DuplicateOperation {
    return { t: 'dup', e: this.entity, id, at };
  }
}
