import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeRecords, encodeRecords, type JournalRecord } from './record.js';
import { replaceFile, syncFolder } from './replace-file.js';

/** An append-only file of records. */
export interface Journal {
  /**
   * Append records that count together or not at all, whenever the process dies. Resolves when the operating system
   * has them, so they survive the death of this process. Order is kept; no records resolve after all before them.
   */
  append(records: readonly JournalRecord[]): Promise<void>;
  /**
   * Replace the whole content at once by records that hold the effect of every append made so far; later appends
   * follow them. When it rejects, nothing is lost: the old content stays in use, or the new one already is.
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
 * J3 No append made after `compact` shares a write with one made before it: the older write goes to the old content.
 */
export async function openJournal(path: string, onRecord: (record: JournalRecord) => void): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true });
  await rm(toNextPath(path), { force: true });
  const file = await open(path, 'a+');
  const content = await file.readFile();
  const intact = decodeRecords(content, onRecord);
  if (intact < content.length) await file.truncate(intact);
  return new FileJournal(path, file, intact);
}

/** Where a compaction writes before it takes the journal's place. */
function toNextPath(path: string): string {
  return `${path}.next`;
}

class FileJournal implements Journal {
  private pending: Pending | undefined;
  private writing: Promise<void> = Promise.resolve();
  private failed: Error | undefined;

  constructor(
    private readonly path: string,
    private file: FileHandle,
    private size: number,
  ) {}

  append(records: readonly JournalRecord[]): Promise<void> {
    if (this.failed) return Promise.reject(this.failed);
    const pending = (this.pending ??= this.schedule());
    for (const chunk of encodeRecords(records)) pending.chunks.push(chunk);
    return pending.done;
  }

  sizeBytes(): number {
    return this.size;
  }

  async compact(records: Iterable<JournalRecord>): Promise<void> {
    this.pending = undefined;
    const chunks = [...records].flatMap((record) => encodeRecords([record]));
    const run = this.writing.then(() => this.replace(chunks));
    this.writing = run.catch(() => undefined); // told to the caller below
    await run;
  }

  async close(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.writing;) await (last = this.writing);
    await this.file.close();
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

  private async replace(chunks: readonly Buffer[]): Promise<void> {
    if (this.failed) throw this.failed;
    const { file, size } = await replaceFile(this.path, toNextPath(this.path), chunks);
    const old = this.file;
    this.file = file;
    this.size = size;
    await old.close();
    await syncFolder(this.path);
  }
}

function toPending(): Pending {
  let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  const done = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { chunks: [], done, resolve: () => settle?.resolve(), reject: (error) => settle?.reject(error) };
}

/** A journal that keeps nothing, for a broker that lives in memory only. */
export function memoryJournal(): Journal {
  return {
    append: () => Promise.resolve(),
    compact: () => Promise.resolve(),
    sizeBytes: () => 0,
    close: () => Promise.resolve(),
  };
}
