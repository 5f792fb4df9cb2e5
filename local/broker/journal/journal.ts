import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type JournalRecord, decodeRecords, encodeRecord } from './record.js';

/** An append-only file of records. */
export interface Journal {
  /** Resolves when the operating system has the bytes, so they survive the death of this process. Order is kept. */
  append(header: object, bytes?: Buffer): Promise<void>;
  /** Replace the whole content at once; appends made meanwhile follow it. */
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
 * Open a journal and replay it through `onRecord`. A torn tail, as a killed process leaves it, is cut off.
 *
 * J1 Appends made while a write is under way share the next write (group commit).
 * J2 After a failed write nothing more is accepted: the tail of the file is then unknown.
 */
export async function openJournal(path: string, onRecord: (record: JournalRecord) => void): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  const content = await file.readFile();
  const intact = decodeRecords(content, onRecord);
  if (intact < content.length) await file.truncate(intact);
  return new FileJournal(path, file, intact);
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

  append(header: object, bytes: Buffer = Buffer.alloc(0)): Promise<void> {
    if (this.failed) return Promise.reject(this.failed);
    const pending = (this.pending ??= this.schedule());
    pending.chunks.push(encodeRecord({ header, bytes }));
    return pending.done;
  }

  sizeBytes(): number {
    return this.size;
  }

  async compact(records: Iterable<JournalRecord>): Promise<void> {
    const content = Buffer.concat([...records].map(encodeRecord));
    const run = this.writing.then(() => this.replace(content));
    this.writing = run.catch(() => undefined);
    await run;
  }

  async close(): Promise<void> {
    while (this.pending) await this.pending.done.catch(() => undefined);
    await this.writing;
    await this.file.close();
  }

  private schedule(): Pending {
    const pending = toPending();
    this.writing = this.writing.then(() => this.write(pending));
    return pending;
  }

  private async write(pending: Pending): Promise<void> {
    this.pending = undefined;
    try {
      if (this.failed) throw this.failed;
      const content = Buffer.concat(pending.chunks);
      await this.file.appendFile(content);
      this.size += content.length;
      pending.resolve();
    } catch (error) {
      this.failed = new Error(`the journal ${this.path} cannot be written`, { cause: error });
      pending.reject(this.failed);
    }
  }

  private async replace(content: Buffer): Promise<void> {
    const next = `${this.path}.next`;
    const file = await open(next, 'w');
    await file.writeFile(content);
    await file.sync();
    await file.close();
    await rename(next, this.path);
    await this.file.close();
    this.file = await open(this.path, 'a+');
    this.size = content.length;
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
