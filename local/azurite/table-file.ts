import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A database of lokijs: what it is made of, and its rows by collection. */
interface Database {
  readonly collections: { data: unknown[] }[];
  serialize(): string;
}

/** A database of lokijs as its store holds it. */
export interface StoredDatabase {
  persistenceMethod: string;
  persistenceAdapter: unknown;
  ignoreAutosave: boolean;
  /** Saved when one of them changed since it was saved. */
  readonly collections: { dirty: boolean }[];
}

/** Azurite's store of tables, as far as it opens its database. */
export interface TableStore {
  readonly db: StoredDatabase;
  init: (this: TableStore) => Promise<void>;
}

type Done = (result: unknown) => void;

const newline = 0x0a;
const chunkBytes = 1024 * 1024;
/** Saving stops all else, so after each save there is none for so many times as long as it took. */
const restFactor = 10;

/**
 * Azurite saves its tables as one JSON text, which V8 cannot hold above 512 MB, some thirty thousand signals, and every
 * five seconds however long that takes. Here each row is a line, and saving takes a tenth of the time at most. What is
 * saved is the state of one moment, and takes the place of the last save when it is whole, as before; files that Azurite
 * wrote alone are read as well.
 */
export function saveInLines(stores: { prototype: TableStore }): void {
  const { init } = stores.prototype;
  stores.prototype.init = function () {
    keepInLines(this.db);
    return init.call(this);
  };
}

/** Faults go to whoever asked; a save by the clock has nobody to tell, and is tried again. */
export function keepInLines(database: StoredDatabase): void {
  if (database.persistenceMethod !== 'fs') return;
  database.persistenceMethod = 'adapter';
  database.persistenceAdapter = {
    mode: 'reference',
    exportDatabase(file: string, copy: Database, done: Done): void {
      const startMs = performance.now();
      const fault = orFault(`${file} cannot be written`, () => save(file, copy));
      database.ignoreAutosave = true;
      const restMs = (performance.now() - startMs) * restFactor;
      setTimeout(() => (database.ignoreAutosave = false), restMs).unref();
      done(fault);
      // lokijs takes what it gave away for saved.
      if (fault) for (const collection of database.collections) collection.dirty = true;
    },
    loadDatabase: (file: string, done: Done): void => done(orFault(`${file} cannot be read`, () => load(file))),
  };
}

/** What comes of it; a fault as the value that lokijs takes for one. */
function orFault<T>(what: string, work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return new Error(`${what}: ${String(error)}`, { cause: error });
  }
}

/** `copy` is ours to take apart. */
function save(file: string, copy: Database): void {
  const next = `${file}~`;
  const to = openSync(next, 'w');
  try {
    writeLines(to, copy);
  } catch (error) {
    rmSync(next);
    throw error;
  } finally {
    closeSync(to);
  }
  renameSync(next, file);
}

function writeLines(to: number, copy: Database): void {
  const rows = copy.collections.map((collection) => collection.data.splice(0));
  let text = `${copy.serialize()}\n`;
  for (const [collection, own] of rows.entries()) {
    for (const row of own) {
      text += `${JSON.stringify([collection, row])}\n`;
      if (text.length < chunkBytes) continue;
      writeFileSync(to, text);
      text = '';
    }
  }
  writeFileSync(to, text);
}

/** The database as lokijs takes it, null when there is none. */
function load(file: string): unknown {
  if (!existsSync(file)) return null;
  const lines = readLines(file);
  const first = lines.next();
  if (first.done === true) return null;
  const database = JSON.parse(first.value) as Database; // lokijs and nobody else writes this file
  for (const line of lines) {
    const [collection, row] = JSON.parse(line) as [number, unknown];
    database.collections[collection]?.data.push(row);
  }
  return database;
}

/** Lines of a file of any size. JSON has no line feed inside, but may have what other readers take for one. */
function* readLines(file: string): Generator<string, undefined> {
  const from = openSync(file, 'r');
  try {
    let rest: Buffer[] = [];
    const chunk = Buffer.alloc(chunkBytes);
    for (let length = readSync(from, chunk); length > 0; length = readSync(from, chunk)) {
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0 && end < length; end = chunk.indexOf(newline, start)) {
        yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString();
        rest = [];
        start = end + 1;
      }
      rest.push(Buffer.from(chunk.subarray(start, length)));
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) yield last.toString();
  } finally {
    closeSync(from);
  }
  return undefined;
}
