import { odata, RestError, TableClient, type TransactionAction } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteResource, toStorageConnection } from '../../local/stack/azurite.js';
import { settlePorts } from '../../local/stack/ports.js';
import type { Resource } from '../../local/stack/resource.js';
import { buildPrograms } from '../fixtures/built-programs.js';
import { type Azurite, startAzurite } from '../support/azurite.js';

let plain: Azurite;
let indexed: Resource;
const tables: TableClient[] = [];

beforeAll(async () => {
  await buildPrograms();
  plain = await startAzurite();
  const wish = { option: 'test', port: 0 };
  const ports = await settlePorts({ blob: wish, queue: wish, table: wish });
  indexed = azuriteResource({ ports, dataDir: undefined, logDir: undefined, onOutput: undefined });
  await indexed.up();
  for (const connection of [plain.connectionString, toStorageConnection(ports)]) {
    const table = TableClient.fromConnectionString(connection, 'rows', { allowInsecureConnection: true });
    await table.createTable();
    tables.push(table);
  }
});

afterAll(async () => {
  await plain.stop();
  await indexed.down();
});

/** Do the same to an Azurite as it comes and to ours, and give both answers. */
async function both<T>(ask: (table: TableClient) => Promise<T>): Promise<[T, T]> {
  const [one, other] = tables;
  if (!one || !other) throw new Error('two tables were opened');
  return [await ask(one), await ask(other)];
}

async function expectSame(ask: (table: TableClient) => Promise<unknown>): Promise<unknown> {
  const [one, other] = await both(ask);
  expect(other).toEqual(one);
  return other;
}

async function keysOf(table: TableClient, filter: string, maxPageSize = 1_000): Promise<string[][]> {
  const pages: string[][] = [];
  for await (const page of table.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize })) {
    pages.push(page.map(({ partitionKey, rowKey }) => `${partitionKey}/${rowKey}`));
  }
  return pages;
}

async function statusOf(work: Promise<unknown>): Promise<number> {
  try {
    await work;
    return 200;
  } catch (error) {
    return error instanceof RestError ? (error.statusCode ?? 0) : 0;
  }
}

const partitions = ['a', 'b', "o'b", '7'];
const rowKeys = ['1', '2', '10', 'x!1', 'x!2', 'x!10', 'y!', "q'1", 'Z', 'é'];

describe('Azurite with an index by key and cheap sizes', () => {
  it('stores, replaces and deletes as Azurite alone does', async () => {
    for (const partitionKey of partitions) {
      const create = rowKeys.map((rowKey, n): TransactionAction => ['create', { partitionKey, rowKey, n }]);
      await both((table) => table.submitTransaction(create));
    }
    const again: TransactionAction[] = [
      ['create', { partitionKey: 'a', rowKey: 'new' }],
      ['create', { partitionKey: 'a', rowKey: '10' }],
    ];
    expect(await expectSame((table) => statusOf(table.submitTransaction(again)))).toBe(409);
    expect(await expectSame((table) => statusOf(table.getEntity('a', 'new')))).toBe(404);
    await both((table) => table.updateEntity({ partitionKey: 'a', rowKey: 'x!1', n: 99 }, 'Replace'));
    await both((table) => table.upsertEntity({ partitionKey: 'b', rowKey: 'x!3', n: 3 }, 'Merge'));
    await both((table) => table.updateEntity({ partitionKey: 'b', rowKey: 'x!2', n: 77 }, 'Merge'));
    const merge: TransactionAction = ['update', { partitionKey: 'b', rowKey: '10', n: 78 }, 'Merge'];
    await both((table) => table.submitTransaction([merge, ['delete', { partitionKey: 'b', rowKey: '1' }]]));
    await both((table) => table.deleteEntity('7', '10'));
    expect(await expectSame((table) => statusOf(table.getEntity('7', '10')))).toBe(404);
    expect(await expectSame(async (table) => (await table.getEntity('a', 'x!1'))['n'])).toBe(99);
    expect(await expectSame(async (table) => (await table.getEntity('b', 'x!2'))['n'])).toBe(77);
    expect(await expectSame(async (table) => (await table.getEntity('b', '10'))['n'])).toBe(78);
  });

  it('keeps what a refused transaction had changed', async () => {
    const refused: TransactionAction[] = [
      ['update', { partitionKey: 'a', rowKey: 'x!2', n: 1_000 }, 'Replace'],
      ['delete', { partitionKey: 'a', rowKey: 'y!' }],
      ['create', { partitionKey: 'a', rowKey: 'Z' }],
    ];
    expect(await expectSame((table) => statusOf(table.submitTransaction(refused)))).toBe(409);
    expect(await expectSame(async (table) => (await table.getEntity('a', 'x!2'))['n'])).toBe(4);
    expect(await expectSame((table) => statusOf(table.getEntity('a', 'y!')))).toBe(200);
  });

  it('takes a transaction of many bytes, of letters that are several bytes long, and one of too many', async () => {
    const text = 'ä€😀'.repeat(3_000);
    const rows = Array.from({ length: 60 }, (_, n) => ({ partitionKey: 'long', rowKey: String(n), text: text + n }));
    const create = rows.map((row): TransactionAction => ['create', row]);
    const answer = await expectSame(async (table) => {
      const { status, subResponses } = await table.submitTransaction(create);
      return [status, subResponses.map((part) => part.status), subResponses.every(({ etag }) => etag !== undefined)];
    });
    expect(answer).toEqual([202, rows.map(() => 204), true]);
    for (const { rowKey, text: stored } of rows) {
      expect(await expectSame(async (table) => (await table.getEntity('long', rowKey))['text'])).toBe(stored);
    }
    const update = rows.map((row): TransactionAction => ['update', { ...row, more: text + text }, 'Merge']);
    expect(await expectSame((table) => statusOf(table.submitTransaction(update)))).toBe(413);
  });

  it.each([
    odata`PartitionKey eq ${'a'} and RowKey ge ${'x!'} and RowKey lt ${'x"'}`,
    odata`PartitionKey eq ${"o'b"} and RowKey ge ${"q'"} and RowKey le ${"q'1"}`,
    odata`PartitionKey eq ${'b'} and RowKey lt ${'y'} and RowKey ge ${'x!'} and RowKey gt ${'x!1'}`,
    odata`PartitionKey eq ${'b'} and RowKey ge ${'x!'} and n eq ${5}`,
    odata`PartitionKey eq ${'7'} and RowKey ge ${'1'} and RowKey lt ${'3'}`,
    odata`PartitionKey eq ${'a'} and RowKey eq ${'Z'}`,
    odata`PartitionKey eq ${'none'} and RowKey ge ${''} and RowKey lt ${'z'}`,
    odata`PartitionKey eq ${'a'} or PartitionKey eq ${'b'}`,
    odata`PartitionKey eq ${'a'} and (RowKey eq ${'Z'} or RowKey eq ${'1'})`,
    odata`PartitionKey ge ${'a'} and RowKey ge ${'x!'} and RowKey lt ${'y'}`,
    odata`PartitionKey eq ${'a'} and not (RowKey eq ${'1'})`,
  ])('answers %s as Azurite alone does', async (filter) => {
    await expectSame((table) => keysOf(table, filter));
    await expectSame((table) => keysOf(table, filter, 2));
  });

  it('answers a filter that makes no sense with the same refusal', async () => {
    const ask = (table: TableClient) => statusOf(keysOf(table, "PartitionKey eq 'a' and RowKey ge"));
    expect(await expectSame(ask)).toBe(400);
  });

  it.each([
    ['a text as long as may be', 'x'.repeat(32 * 1_024), 200],
    ['a text that is too long', 'x'.repeat(32 * 1_024 + 1), 400],
    ['an empty text', '', 200],
    ['bytes as many as may be', new Uint8Array(64 * 1_024), 200],
    ['bytes that are too many', new Uint8Array(64 * 1_024 + 1), 400],
    ['a time', new Date(0), 200],
    ['an empty time', { type: 'DateTime', value: '' }, 400],
    ['a number', 5, 200],
    ['a truth', false, 200],
    ['a large number', 5n, 200],
  ])('takes %s as Azurite alone does', async (_name, value, status) => {
    const create = (table: TableClient) => statusOf(table.upsertEntity({ partitionKey: 's', rowKey: '1', value }));
    expect(await expectSame(create)).toBe(status);
    const all = (table: TableClient) =>
      statusOf(table.submitTransaction([['upsert', { partitionKey: 's', rowKey: '2', value }, 'Replace']]));
    await expectSame(all);
  });
});
