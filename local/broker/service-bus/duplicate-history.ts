import { type JournalRecord, toRecord } from '../../journal/record.js';

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
    private windowMs: number | undefined,
  ) {}

  /** Look back by another window from now on. */
  configure(windowMs: number | undefined): void {
    this.windowMs = windowMs;
  }

  isDuplicate(messageId: string, nowMs: number): boolean {
    if (this.windowMs === undefined) return false;
    this.forgetBefore(nowMs - this.windowMs);
    return this.seenAtMs.has(messageId);
  }

  /** Remember an id; gives what must be in the journal for it. */
  remember(messageId: string, nowMs: number): JournalRecord[] {
    if (this.windowMs === undefined) return [];
    this.seenAtMs.set(messageId, nowMs);
    return [this.toOperationRecord(messageId, nowMs)];
  }

  restore({ id, at }: DuplicateOperation): void {
    if (this.windowMs !== undefined) this.seenAtMs.set(id, at);
  }

  *records(nowMs: number): Iterable<JournalRecord> {
    if (this.windowMs === undefined) return;
    this.forgetBefore(nowMs - this.windowMs);
    for (const [id, at] of this.seenAtMs) yield this.toOperationRecord(id, at);
  }

  /** Ids are in the order they were seen, so forgetting stops at the first that is young enough. */
  private forgetBefore(oldestMs: number): void {
    for (const [id, at] of this.seenAtMs) {
      if (at > oldestMs) return;
      this.seenAtMs.delete(id);
    }
  }

  private toOperationRecord(id: string, at: number): JournalRecord {
    return toRecord({ t: 'dup', e: this.entity, id, at } satisfies DuplicateOperation);
  }
}
