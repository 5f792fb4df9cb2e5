import {
  odata,
  RestError,
  TableClient,
  TableServiceClient,
  type TableServiceClientOptions,
  type TransactionAction,
} from '@azure/data-tables';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBoth, type TwoAzurites } from '../support/two-azurites.js';

let servers: TwoAzurites;
const tables: TableClient[] = [];
/** The last answer of each table's server, as text. */
const answers = new Map<TableClient, string>();

beforeAll(async () => {
  servers = await startBoth();
  for (const connection of servers.connections) {
    const table: TableClient = TableClient.fromConnectionString(connection, 'rows', {
      allowInsecureConnection: true,
      additionalPolicies: [{ policy: remember(() => table), position: 'perCall' }],
    });
    await table.createTable();
    tables.push(table);
  }
});

afterAll(() => servers.stop());

type Policy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number]['policy'];

function remember(table: () => TableClient): Policy {
  return {
    name: 'remember',
    sendRequest: async (request, next) => {
      const response = await next(request);
      answers.set(table(), response.bodyAsText ?? '');
      return response;
    },
  };
}

/** The last answer, without what no two servers have in common: times, etags, ids and ports. */
function lastAnswer(table: TableClient): string {
  const text = answers.get(table) ?? '';
  return text
    .replaceAll(/datetime'[^']*'/g, 'datetime')
    .replaceAll(/(batch|changeset)response_[\w-]+/g, '$1')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'host')
    .replaceAll(/(RequestId|Time):[^\\"]*/g, '$1');
}

/** The rows of a partition as the server writes them, but for the times of their changes. */
async function rowsOf(table: TableClient, partitionKey: string): Promise<unknown> {
  await keysOf(table, odata`PartitionKey eq ${partitionKey}`);
  const answer = lastAnswer(table).replaceAll(/"Timestamp":"[^"]*"/g, '"Timestamp":""');
  return JSON.parse(answer) as unknown; // compared and no more
}

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

describe('Azurite with tables that find rows by key, and batches answered at once', () => {
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

  it('answers a batch of every kind of request, word for word', async () => {
    const seed: TransactionAction[] = ['2', '3', '4'].map((rowKey) => ['create', { partitionKey: "w'", rowKey, n: 1 }]);
    await both((table) => table.submitTransaction(seed));
    const batch: TransactionAction[] = [
      ['create', { partitionKey: "w'", rowKey: 'é 1', n: 5, big: 5n, bytes: new Uint8Array([1]), at: new Date(0) }],
      ['update', { partitionKey: "w'", rowKey: '2', n: 6 }, 'Replace'],
      ['update', { partitionKey: "w'", rowKey: '3', m: 7 }, 'Merge'],
      ['delete', { partitionKey: "w'", rowKey: '4' }],
      ['upsert', { partitionKey: "w'", rowKey: '5', n: 8 }, 'Merge'],
    ];
    const answer = await expectSame(async (table) => {
      await table.submitTransaction(batch);
      return lastAnswer(table);
    });
    expect(answer).toContain('204 No Content');
    await expectSame((table) => rowsOf(table, "w'"));
  });

  it('does what Azurite alone does, whatever transactions come one after the other', { timeout: 120_000 }, async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
        async (batches) => {
          const partitionKey = `run ${(run += 1)}`;
          for (const changes of batches) {
            await expectSame(async (table) => {
              const actions = await Promise.all(changes.map((each) => toAction(table, partitionKey, each)));
              const status = await statusOf(table.submitTransaction(actions));
              return [status, lastAnswer(table)];
            });
          }
          await expectSame((table) => rowsOf(table, partitionKey));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('tables themselves, and the service', () => {
  it('are made, listed, changed and dropped as by Azurite alone', async () => {
    const answers = await Promise.all(
      servers.connections.map(async (connection) => {
        const options = { allowInsecureConnection: true };
        const service = TableServiceClient.fromConnectionString(connection, options);
        const open = (name: string): TableClient => TableClient.fromConnectionString(connection, name, options);
        for (const name of ['Second', 'first', 'third']) await service.createTable(name);
        const again = await statusOf(rawCreate(service, 'FIRST'));
        await open('first').createEntity({ partitionKey: 'p', rowKey: 'r', n: 1 });
        const access = { permission: 'r', start: new Date(0), expiry: new Date(1_000) };
        await open('first').setAccessPolicy([{ id: 'reader', accessPolicy: access }]);
        await service.setProperties({ cors: [], hourMetrics: { enabled: false, version: '1.0' } });
        const known = [
          await namesOf(service),
          await namesOf(service, odata`TableName ge ${'s'}`),
          (await open('FIRST').getEntity('p', 'r'))['n'],
          (await open('first').getAccessPolicy()).map(({ id }) => id),
          (await service.getProperties()).hourMetrics,
        ];
        await service.deleteTable('First');
        const gone = [
          await statusOf(open('first').getEntity('p', 'r')),
          await statusOf(open('first').submitTransaction([['create', { partitionKey: 'p', rowKey: 'r' }]])),
          await statusOf(open('first').getAccessPolicy()),
          await namesOf(service),
        ];
        await service.createTable('first');
        return { again, known, gone, anew: await statusOf(open('first').getEntity('p', 'r')) };
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[1]).toMatchObject({ again: 409, gone: [404, 404, 404, ['rows', 'Second', 'third']], anew: 404 });
  });
});

async function namesOf(service: TableServiceClient, filter?: string): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for await (const { name } of service.listTables(filter === undefined ? {} : { queryOptions: { filter } })) {
    names.push(name);
  }
  return names.sort((a, b) => (a ?? '').localeCompare(b ?? ''));
}

/** The client takes a table that exists for one it has made; its pipeline tells. */
async function rawCreate(service: TableServiceClient, TableName: string): Promise<void> {
  let status = 0;
  await service.createTable(TableName, { onResponse: (response) => (status = response.status) });
  if (status >= 400) throw new RestError('refused', { statusCode: status });
}

const change = fc.record({
  kind: fc.constantFrom('create', 'replace', 'merge', 'put', 'delete'),
  rowKey: fc.constantFrom('1', '2', "3'", 'é'),
  guard: fc.constantFrom('none', 'known', 'stale'),
  read: fc.constantFrom({}, { etag: 'W/"1"' }, { timestamp: '2020-01-01T00:00:00Z' }),
  columns: fc.dictionary(
    fc.constantFrom('A', 'B', 'C'),
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.integer(),
      fc.constantFrom(null, true, 1.5, 5n, new Date(0), new Uint8Array([7]), { type: 'Double', value: '1' }),
      fc.constantFrom({ type: 'DateTime', value: '2026-01-01T00:00:00' }, { type: 'Guid', value: 'not a guid' }),
    ),
    { noNullPrototype: true },
  ),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

async function toAction(table: TableClient, partitionKey: string, each: Change): Promise<TransactionAction> {
  const { kind, rowKey, guard, read, columns } = each;
  const row = { partitionKey, rowKey, ...read, ...columns };
  switch (kind) {
    case 'create':
      return ['create', row];
    case 'delete':
      return ['delete', row];
    case 'put':
      return ['upsert', row, guard === 'none' ? 'Merge' : 'Replace'];
    default: {
      const known = guard === 'known' ? await table.getEntity(partitionKey, rowKey).catch(() => undefined) : undefined;
      const etag = guard === 'none' ? '*' : (known?.etag ?? `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`);
      return ['update', row, kind === 'merge' ? 'Merge' : 'Replace', { etag }];
    }
  }
}
