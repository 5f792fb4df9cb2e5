import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepInLines, type StoredDatabase } from '../../../local/azurite/table-file.js';

interface Collection {
  insert(row: object): void;
  find(): { n: number; text: string }[];
}

/** Lokijs, which Azurite keeps its rows in and which has no types. */
interface Loki extends StoredDatabase {
  addCollection(name: string): Collection;
  autosaveDirty(): boolean;
  getCollection(name: string): Collection | null;
  saveDatabase(done?: (error?: Error) => void): void;
  loadDatabase(options: object, done: (error?: Error) => void): void;
}

const load = createRequire(createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js'));
const Database = load('lokijs') as new (file: string, options: object) => Loki;

let file: string;
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'tables-')), 'tables.json');
});
afterEach(() => rm(path.dirname(file), { recursive: true, force: true }));

const open = (): Loki => new Database(file, { persistenceMethod: 'fs' });

function inLines(): Loki {
  const database = open();
  keepInLines(database);
  return database;
}

const done = (work: (finish: (error?: Error) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())));

async function reopened(): Promise<Loki> {
  const database = inLines();
  await done((finish) => database.loadDatabase({}, finish));
  return database;
}

const texts = ['', 'plain', 'two\nlines', 'ä€😀', '\u2028\u2029', '"]\\', 'x'.repeat(3_000_000)];

function fill(database: Loki): void {
  for (const name of ['signals', 'ledger']) {
    const collection = database.addCollection(name);
    for (const [n, text] of texts.entries()) collection.insert({ n, text: text + name });
  }
  database.addCollection('empty');
}

function expectFilled(database: Loki): void {
  for (const name of ['signals', 'ledger']) {
    const rows = database.getCollection(name)?.find() ?? [];
    expect(rows.map(({ n, text }) => [n, text])).toEqual(texts.map((text, n) => [n, text + name]));
  }
  expect(database.getCollection('empty')?.find()).toEqual([]);
}

describe('tables kept in lines', () => {
  it('come back as they were saved, and can be added to and saved again', async () => {
    const database = inLines();
    fill(database);
    await done((finish) => database.saveDatabase(finish));
    expectFilled(database);

    const again = await reopened();
    expectFilled(again);
    again.getCollection('empty')?.insert({ n: 1, text: 'later' });
    await done((finish) => again.saveDatabase(finish));

    const third = await reopened();
    expect(third.getCollection('empty')?.find()).toMatchObject([{ n: 1, text: 'later' }]);
    expect(await readdir(path.dirname(file))).toEqual(['tables.json']);
  });

  it('come back from a file that was written as one text', async () => {
    const alone = open();
    fill(alone);
    await done((finish) => alone.saveDatabase(finish));

    expectFilled(await reopened());
  });

  it('are as last saved when a later save ended half way', async () => {
    const database = inLines();
    fill(database);
    await done((finish) => database.saveDatabase(finish));
    await writeFile(`${file}~`, (await readFile(file)).subarray(0, 100));

    expectFilled(await reopened());
  });

  it('can be saved again when a save could not be written, and say which file it was', async () => {
    const database = inLines();
    fill(database);
    await mkdir(`${file}~/in-the-way`, { recursive: true });
    await expect(done((finish) => database.saveDatabase(finish))).rejects.toThrow(`${file} cannot be written`);
    expect(() => database.saveDatabase()).not.toThrow();
    expect(database.autosaveDirty()).toBe(true);
    await rm(`${file}~`, { recursive: true });
    await done((finish) => database.saveDatabase(finish));

    expectFilled(await reopened());
  });

  it('say which file it is that cannot be read', async () => {
    await writeFile(file, '{"collections":[]}\n[0,');

    await expect(reopened()).rejects.toThrow(`${file} cannot be read`);
  });

  it('are new where there is no file', async () => {
    expect((await reopened()).getCollection('signals')).toBeNull();
  });

  it('are not saved by the clock for a while after a save', async () => {
    const database = inLines();
    fill(database);
    await done((finish) => database.saveDatabase(finish));

    expect(database.ignoreAutosave).toBe(true);
  });

  it('stay in memory where nothing is to be kept', () => {
    const database = new Database('none', { persistenceMethod: 'memory' });
    keepInLines(database);

    expect(database.persistenceMethod).toBe('memory');
  });
});
