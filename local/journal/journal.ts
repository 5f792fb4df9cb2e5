import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRecords } from './read-records.js';
import { encodeRecords, type JournalRecord } from './record.js';
import { addTo, dropNext, noRest, type OpenFile, type Rest, syncFolder, takePlace, writeNext } from './replace-file.js';

/** An append-only file of records. */
export interface Journal {
  /**
   * Append records that count together or not at all, whenever the process dies. Resolves when the operating system
   * has them, so they survive the death of this process. Order is kept; no records resolve after all before them.
   */
  append(records: readonly JournalRecord[]): Promise<void>;
  /**
   * Replace the whole content at once by records that hold the effect of every append made so far; later appends
   * follow them, and are not held up meanwhile. The records are asked for bit by bit and have to go on telling the state
   * of the moment of the call. When it rejects, nothing is lost: the old content stays in use, or the new one already
   * is. Not to be called again before it has settled.
   */
  compact(records: Iterable<JournalRecord>): Promise<void>;
  sizeBytes(): number;
  close(): Promise<void>;
}

interface Pending {
  readonly chunks: Buffer[];
  readonly done: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Open a journal and replay it through `onRecord`. A torn tail, as a killed process or a power cut leaves it, is cut
 * off.
 *
 * J1 Appends made while a write is under way share the next write (group commit).
 * J2 After a failed write nothing more is accepted: the tail of the file is then unknown.
 * J3 Appends made while `compact` writes go to the old content, and once more behind the new one, the last of them in the
 *    moment before it takes the place. An append shares no write with one made before that moment, nor before
 *    `compact`: each is wholly in what the records hold, in what came since, or in the new content.
 */
export async function openJournal(path: string, onRecord: (record: JournalRecord) => void): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true });
  await rm(toNextPath(path), { force: true });
  const file = await open(path, 'a+');
  const intact = await readRecords(file, onRecord);
  if (intact < (await file.stat()).size) await file.truncate(intact);
  return new FileJournal(path, file, intact);
}

/** Where a compaction writes before it takes the journal's place. */
function toNextPath(path: string): string {
  return `${path}.next`;
}

/** A compaction rests three times as long as it worked: whoever appends meanwhile has the processor. */
const restShare = 3;
/** What a compaction leaves for the moment in which no append goes on. */
const littleBytes = 256 * 1024;

class FileJournal implements Journal {
  private pending: Pending | undefined;
  private writing: Promise<void> = Promise.resolve();
  private failed: Error | undefined;
  /** What was appended since a compaction began, in order. */
  private since: Buffer[] | undefined;
  private compacting: Promise<void> = Promise.resolve();
  private isClosing = false;

  constructor(
    private readonly path: string,
    private file: FileHandle,
    private size: number,
  ) {}

  append(records: readonly JournalRecord[]): Promise<void> {
    if (this.failed) return Promise.reject(this.failed);
    const pending = (this.pending ??= this.schedule());
    for (const chunk of encodeRecords(records)) {
      pending.chunks.push(chunk);
      this.since?.push(chunk);
    }
    return pending.done;
  }

  sizeBytes(): number {
    return this.size;
  }

  compact(records: Iterable<JournalRecord>): Promise<void> {
    const run = this.rewrite(records);
    this.compacting = run.catch(() => undefined); // told to the caller
    return run;
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.compacting;
    for (let last: Promise<void> | undefined; last !== this.writing;) await (last = this.writing);
    await this.file.close();
  }

  private async rewrite(records: Iterable<JournalRecord>): Promise<void> {
    this.pending = undefined;
    const since: Buffer[] = [];
    this.since = since;
    const rest: Rest = (workedMs) => (this.isClosing ? Promise.resolve() : sleep(workedMs * restShare));
    const nextPath = toNextPath(this.path);
    let next: OpenFile;
    try {
      next = await writeNext(nextPath, encodeEach(records), rest);
      while (toSize(since) > littleBytes) next = await addTo({ nextPath, rest: noRest }, next, since.splice(0));
    } finally {
      this.pending = undefined;
      this.since = undefined;
    }
    // Nothing may be awaited in between: an append would be in the old content only.
    const run = this.writing.then(() => this.replace(next, since));
    this.writing = run.catch(() => undefined); // told to whoever compacts
    await run;
  }

  private schedule(): Pending {
    const pending = toPending();
    this.writing = this.writing.then(() => this.write(pending));
    return pending;
  }

  private async write(pending: Pending): Promise<void> {
    if (this.pending === pending) this.pending = undefined;
    try {
      if (this.failed) throw this.failed;
      const content = Buffer.concat(pending.chunks);
      await this.file.appendFile(content);
      this.size += content.length;
      pending.resolve();
    } catch (error) {
      this.failed ??= new Error(`the journal ${this.path} cannot be written`, { cause: error });
      pending.reject(this.failed);
    }
  }

  private async replace(next: OpenFile, since: readonly Buffer[]): Promise<void> {
    const nextPath = toNextPath(this.path);
    if (this.failed) {
      await dropNext(nextPath, next.file);
      throw this.failed;
    }
    const { file, size } = await takePlace({ path: this.path, nextPath }, next, since);
    const old = this.file;
    this.file = file;
    this.size = size;
    await old.close();
    await syncFolder(this.path);
  }
}

function* encodeEach(records: Iterable<JournalRecord>): Iterable<Buffer> {
  for (const record of records) yield* encodeRecords([record]);
}

function toSize(chunks: readonly Buffer[]): number {
  return chunks.reduce((size, { length }) => size + length, 0);
}

function toPending(): Pending {
  let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  const done = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { chunks: [], done, resolve: () => settle?.resolve(), reject: (error) => settle?.reject(error) };
}

/** A journal that keeps nothing, for what lives in memory only. */
export function memoryJournal(): Journal {
  return {
    append: () => Promise.resolve(),
    compact: () => Promise.resolve(),
    sizeBytes: () => 0,
    close: () => Promise.resolve(),
  };
}
