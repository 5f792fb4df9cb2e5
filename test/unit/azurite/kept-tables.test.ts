import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeptTables, openInFolder } from '../../../local/azurite/tables/table-journal.js';
import { type Operation, Tables } from '../../../local/azurite/tables/tables.js';
import { Transactions } from '../../../local/azurite/tables/transactions.js';

let folder: string;
const opened: KeptTables[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tables-'));
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await rm(folder, { recursive: true, force: true });
});

const name = { account: 'a', table: 'Rows' };
const table: Operation = { t: 'table', model: name };
const row = (rowKey: string, eTag: string) => ({ rowKey, row: { rowKey, eTag, json: `{"of":"${eTag}"}` } });
const gone = (rowKey: string) => ({ rowKey, row: undefined });

function readAll(tables: Tables): string[] {
  const rows = tables.find(name)?.rows.all() ?? [];
  return [...rows].map(({ partitionKey, row: { rowKey, eTag, json } }) => [partitionKey, rowKey, eTag, json].join(' '));
}

/** What a program finds that opens the folder as it is now, as after a crash. */
async function reopened(): Promise<string[]> {
  const kept = await openInFolder(folder);
  await kept.close();
  return readAll(kept.tables);
}

async function open(): Promise<{ kept: KeptTables; transactions: Transactions }> {
  const kept = await openInFolder(folder);
  opened.push(kept);
  kept.tables.apply(table);
  await kept.keep([table]);
  return { kept, transactions: new Transactions(kept) };
}

describe('tables in a folder', () => {
  it('hold every change that was told, without being closed', async () => {
    const { transactions } = await open();
    await transactions.change(name, 'p', [row('1', 'e1'), row('2', 'e2')]);
    await transactions.change(name, 'p', [row('1', 'e3'), gone('2')]);

    expect(await reopened()).toEqual(['p 1 e3 {"of":"e3"}']);
  });

  it('hold columns in letters of any length, and what was merged into them', async () => {
    const { transactions } = await open();
    const long = { rowKey: 'ü', eTag: 'e1', json: '{"a":"ä€😀"}', merged: '{"b":"é"}' };
    await transactions.change(name, 'p', [row('1', 'e1'), { rowKey: 'ü', row: long }, row('3', 'e3')]);

    const kept = await openInFolder(folder);
    opened.push(kept);
    expect(kept.tables.find(name)?.rows.find('p', 'ü')).toEqual(long);
    expect(kept.tables.find(name)?.rows.find('p', '3')).toEqual(row('3', 'e3').row);
  });

  it('hold a transaction when it has ended, and nothing of one that has not', async () => {
    const { transactions } = await open();
    transactions.begin('x');
    await transactions.change(name, 'p', [row('1', 'e1')], 'x');
    await transactions.change(name, 'p', [row('2', 'e2')], 'x');
    expect(await reopened()).toEqual([]);

    await transactions.end('x', true);
    expect(await reopened()).toEqual(['p 1 e1 {"of":"e1"}', 'p 2 e2 {"of":"e2"}']);
  });

  it('are as before a transaction that failed', async () => {
    const { kept, transactions } = await open();
    await transactions.change(name, 'p', [row('1', 'e1'), row('2', 'e2')]);
    const before = readAll(kept.tables);
    transactions.begin('x');
    await transactions.change(name, 'p', [row('1', 'e3')], 'x');
    await transactions.change(name, 'p', [gone('1'), gone('2'), row('3', 'e3')], 'x');
    await transactions.end('x', false);

    expect(readAll(kept.tables)).toEqual(before);
    expect(await reopened()).toEqual(before);
  });

  it('are as before a transaction that failed, also when the journal was rewritten in the middle of it', async () => {
    const since: Operation[] = [];
    const tables = new Tables();
    tables.apply(table);
    const keep = async (operations: readonly Operation[]): Promise<void> => void since.push(...operations);
    const transactions = new Transactions({ tables, keep, close: () => Promise.resolve() });
    await transactions.change(name, 'p', [row('1', 'e1'), row('2', 'e2')]);
    const before = readAll(tables);
    transactions.begin('x');
    await transactions.change(name, 'p', [row('1', 'e3'), gone('2'), row('3', 'e3')], 'x');
    since.splice(0);
    const rewritten = [...tables.snapshot()];
    await transactions.end('x', false);

    const found = new Tables();
    for (const operation of [...rewritten, ...since]) found.apply(operation);
    expect(readAll(found)).toEqual(before);
  });

  it('have rows of a table that was dropped and made again only since then', async () => {
    const { kept, transactions } = await open();
    await transactions.change(name, 'p', [row('1', 'e1')]);
    const drop: Operation = { t: 'drop', name: { account: 'a', table: 'rows' } };
    for (const operation of [drop, table]) kept.tables.apply(operation);
    await kept.keep([drop, table]);
    await transactions.change(name, 'p', [row('2', 'e2')]);

    expect(await reopened()).toEqual(['p 2 e2 {"of":"e2"}']);
  });

  it('are written anew when they are opened and most of the journal is history', async () => {
    const { transactions } = await open();
    for (let n = 0; n < 50; n += 1) await transactions.change(name, 'p', [row('1', `e${n}`), row('2', `f${n}`)]);
    const { size: before } = await stat(path.join(folder, 'tables.journal'));

    expect(await reopened()).toEqual(['p 1 e49 {"of":"e49"}', 'p 2 f49 {"of":"f49"}']);
    const { size: after } = await stat(path.join(folder, 'tables.journal'));
    expect(after).toBeLessThan(before / 20);
    expect(await reopened()).toEqual(['p 1 e49 {"of":"e49"}', 'p 2 f49 {"of":"f49"}']);
  });

  it('of an earlier build are refused, and left as they are', async () => {
    const file = path.join(folder, '__azurite_db_table__.json');
    await writeFile(file, '{"collections":[]}');

    await expect(openInFolder(folder)).rejects.toThrow(/__azurite_db_table__\.json .* --fresh/);
    expect(await readFile(file, 'utf8')).toBe('{"collections":[]}');
  });
});
