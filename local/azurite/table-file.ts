import { closeSync, existsSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';

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
}

type Done<T> = (result: T) => void;

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
export function keepInLines(database: StoredDatabase): void {
  if (database.persistenceMethod !== 'fs') return;
  database.persistenceMethod = 'adapter';
  database.persistenceAdapter = {
    mode: 'reference',
    exportDatabase(file: string, copy: Database, done: Done<Error | null>): void {
      const startMs = performance.now();
      save(file, copy);
      database.ignoreAutosave = true;
      const restMs = (performance.now() - startMs) * restFactor;
      setTimeout(() => (database.ignoreAutosave = false), restMs).unref();
      done(null);
    },
    loadDatabase: (file: string, done: Done<unknown>): void => done(load(file)),
  };
}

/** `copy` is ours to take apart. */
function save(file: string, copy: Database): void {
  const next = `${file}~`;
  const rows = copy.collections.map((collection) => collection.data.splice(0));
  const to = openSync(next, 'w');
  try {
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
  } finally {
    closeSync(to);
  }
  renameSync(next, file);
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
