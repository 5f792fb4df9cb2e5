import {
  AzureNamedKeyCredential,
  generateAccountSas,
  odata,
  TableClient,
  TableServiceClient,
} from '@azure/data-tables';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  account,
  breakOff,
  type Endpoint,
  exchange,
  type RawBatch,
  sign,
  toEndpoint,
  toRows,
  toText,
} from '../support/raw-batch.js';
import { startBoth, startOurs, type TwoAzurites } from '../support/two-azurites.js';

let servers: TwoAzurites;
let endpoints: Endpoint[] = [];
let tables: TableClient[] = [];
let key = '';

beforeAll(async () => {
  servers = await startBoth();
  endpoints = servers.connections.map(toEndpoint);
  tables = servers.connections.map((connection) =>
    TableClient.fromConnectionString(connection, 'rows', { allowInsecureConnection: true }),
  );
  for (const table of tables) await table.createTable();
  for (const connection of servers.connections) await letPagesIn(connection);
  key = endpoints[0]?.key ?? '';
});

afterAll(() => servers.stop());

/** Answers to pages have headers of their own then. */
async function letPagesIn(connection: string): Promise<void> {
  const service = TableServiceClient.fromConnectionString(connection, { allowInsecureConnection: true });
  const all = { allowedOrigins: '*', allowedMethods: 'POST', allowedHeaders: '*', exposedHeaders: '*' };
  await service.setProperties({ cors: [{ ...all, maxAgeInSeconds: 1 }] });
}

/** An answer without what no two have in common: ids, times and etags. */
function toComparable(answer: string): string {
  return answer
    .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, 'id')
    .replaceAll(/\b(date|Date): [^\r]*GMT/g, '$1: GMT')
    .replaceAll(/datetime'[^']*'/g, 'datetime')
    .replaceAll(/Time:[\d.T:-]*Z/g, 'Time:');
}

async function keysOf(table: TableClient | undefined, partitionKey: string): Promise<string[]> {
  if (!table) throw new Error('two tables were opened');
  const keys: string[] = [];
  const queryOptions = { filter: odata`PartitionKey eq ${partitionKey}` };
  for await (const { rowKey } of table.listEntities({ queryOptions })) keys.push(rowKey ?? '');
  return keys;
}

/** Expects the same answers, byte for byte, and the same rows afterwards. Gives ours. */
async function expectSame(partitionKey: string, toRequests: (endpoint: Endpoint) => string): Promise<string> {
  const [plain = '', ours = ''] = await Promise.all(endpoints.map(async (each) => exchange(each, toRequests(each))));
  expect(toComparable(ours)).toBe(toComparable(plain));
  const [inPlain = [], inOurs = []] = await Promise.all(tables.map((table) => keysOf(table, partitionKey)));
  expect(inOurs).toEqual(inPlain);
  return ours;
}

const day = 'Tue, 01 Jan 2030 00:00:00 GMT';
const path = `/${account}/$batch`;
const resource = `/${account}${path}`;
const type = 'multipart/mixed; boundary=batch_a-1';
const last = { connection: 'close' };

const signed = (...lines: string[]): string => `SharedKeyLite ${account}:${sign(key, ...lines)}`;
const signedWithMore = (...lines: string[]): string => `SharedKey ${account}:${sign(key, ...lines)}`;
const create = (partitionKey: string, rowKey = '1'): string => toRows(['create', { partitionKey, rowKey, n: 1 }]);
const sas = (): string =>
  generateAccountSas(new AzureNamedKeyCredential(account, key), {
    permissions: { add: true, update: true, query: true, delete: true },
    expiresOn: new Date('2099-01-01'),
  });
const inChunks = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
const toChunks = (body: string): string => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** What is said of a batch that creates a row, its status, and how it is sent. */
const requests: readonly (readonly [string, number, () => RawBatch])[] = [
  ['is signed', 202, () => ({})],
  ['is signed with a date of long ago', 202, () => ({ headers: { 'x-ms-date': 'Thu, 01 Jan 1970 00:00:00 GMT' } })],
  ['is signed without a date', 202, () => ({ headers: { 'x-ms-date': undefined } })],
  ['is signed with two dates', 202, () => ({ headers: { date: 'Tue, 01 Jan 2019 00:00:00 GMT' } })],
  ['is signed with an empty date', 202, () => ({ headers: { date: '' }, authorization: signed(day, resource) })],
  ['has another date than the signed one', 403, () => ({ authorization: signed('now', resource) })],
  ['is signed for another path', 403, () => ({ authorization: signed(day, `${resource}s`) })],
  [
    'is signed with another key',
    403,
    () => ({ authorization: `SharedKeyLite ${account}:${sign('AAAA', day, resource)}` }),
  ],
  ['is signed by another account', 403, () => ({ authorization: `SharedKeyLite b:${sign(key, day, resource)}` })],
  ['is signed in small letters', 403, () => ({ authorization: signed(day, resource).toLowerCase() })],
  ['is not signed', 403, () => ({ authorization: undefined })],
  ['has a token', 403, () => ({ authorization: 'Bearer abc' })],
  ['is of an account that is not there', 404, () => ({ path: '/other/$batch' })],
  ['is of an account that all objects have', 500, () => ({ path: '/constructor/$batch' })],
  ['is signed with more', 202, () => ({ authorization: signedWithMore('POST', '', type, day, resource) })],
  ['is signed with more, wrongly', 403, () => ({ authorization: signedWithMore('PUT', '', type, day, resource) })],
  ['has a shared access signature', 202, () => ({ path: `${path}?${sas()}`, authorization: undefined })],
  ['has a wrong shared access signature', 403, () => ({ path: `${path}?${sas()}x`, authorization: undefined })],
  ['has a query', 202, () => ({ path: `${path}?timeout=30`, authorization: signed(day, resource) })],
  ['has an encoded path', 202, () => ({ path: `/${account}/%24batch` })],
  ['is for the second copy of an account', 202, () => ({ path: `/${account}-secondary/$batch` })],
  ['has its account in the host', 202, () => ({ host: `${account}.localhost`, path: '/$batch' })],
  ['has another account in the host', 404, () => ({ host: 'other.localhost' })],
  ['has no host', 400, () => ({ headers: { host: undefined } })],
  ['comes from a page', 202, () => ({ headers: { origin: 'http://example.com' } })],
  ['asks for another method', 400, () => ({ headers: { 'x-http-method': 'DELETE' } })],
  ['is a PUT', 400, () => ({ method: 'PUT' })],
  ['has no type', 415, () => ({ headers: { 'content-type': undefined } })],
  ['has an empty type', 202, () => ({ headers: { 'content-type': '' } })],
  ['has another type', 202, () => ({ headers: { 'content-type': 'text/plain; charset=batch' } })],
  ['accepts other answers', 202, () => ({ headers: { accept: 'application/atom+xml' } })],
  ['accepts other refusals', 403, () => ({ headers: { accept: 'application/json' }, authorization: 'no' })],
  ['is of an unknown version', 202, () => ({ headers: { 'x-ms-version': 'new', dataserviceversion: '9' } })],
  ['asks whether to go on', 202, () => ({ headers: { expect: '100-continue' } })],
  ['is of an old protocol', 202, () => ({ version: '1.0' })],
  ['comes in chunks', 415, () => ({ headers: inChunks, body: toChunks(create('comes in chunks')) })],
  ['is too large', 413, () => ({ headers: { 'content-length': String(4 * 1_024 * 1_024 + 1) } })],
  ['is empty', 500, () => ({ body: '' })],
  ['says something else', 500, () => ({ body: 'hello' })],
  ['is for the rows of another account', 202, () => ({ body: create('else').replace(`/${account}/`, '/other/') })],
  [
    'names a key that cannot be read',
    500,
    () => ({ body: toRows(['delete', { partitionKey: 'p', rowKey: 'r' }]).replace("='r'", "='%zz'") }),
  ],
];

describe('a batch', () => {
  it.each(requests)('that %s is answered as by Azurite alone', async (what, status, toRaw) => {
    const answer = await expectSame(what, (endpoint) => {
      const { headers, ...raw } = toRaw();
      return toText(endpoint, { body: create(what), ...raw, headers: { ...last, ...headers } });
    });
    expect(answer).toContain(`HTTP/1.1 ${status} `);
  });

  it('that is refused a row is answered as by Azurite alone, as one request after the other', async () => {
    const body = toRows(
      ['create', { partitionKey: 'twice', rowKey: '2' }],
      ['create', { partitionKey: 'twice', rowKey: '1' }],
    );
    const answer = await expectSame('twice', (endpoint) =>
      [{ body: create('twice') }, { body, headers: last }].map((raw) => toText(endpoint, raw)).join(''),
    );
    expect(answer).toContain('HTTP/1.1 409 Conflict');
  });

  it('of many on one connection, sent without waiting, is answered in its turn', async () => {
    await expectSame('many', (endpoint) => toText(endpoint, { body: create('many'), headers: last }));
    const answer = await expectSame('many', (endpoint) => {
      const texts = Array.from({ length: 60 }, (_, n) => toText(endpoint, toOneOfMany(n)));
      return [...texts, toText(endpoint, { body: create('many', 'last'), headers: last })].join('');
    });
    expect(answer.match(/^HTTP\/1\.1 202/gm)).toHaveLength(46);
  });

  it('that breaks off is not applied, and one that is whole is, by whichever server', async () => {
    const whole = (endpoint: Endpoint): string => toText(endpoint, { body: create('broken', 'whole') });
    const half = (endpoint: Endpoint): string => toText(endpoint, { body: create('broken', 'half') }).slice(0, -10);
    await Promise.all(endpoints.flatMap((each) => [breakOff(each, half(each)), breakOff(each, whole(each))]));
    for (const table of tables) await expect.poll(() => keysOf(table, 'broken')).toEqual(['whole']);
    await expectSame('broken', (endpoint) => toText(endpoint, { body: create('broken', 'next'), headers: last }));
    expect(await keysOf(tables[1], 'broken')).toEqual(['next', 'whole']);
  });
});

/** Batches that are applied, refused, and not signed, each about other rows. */
function toOneOfMany(n: number): RawBatch {
  if (n % 4 === 3) return { body: create('many', `unsigned ${n}`), authorization: undefined };
  return { body: create('many', n % 4 === 2 ? '1' : String(n)) };
}

describe('Azurite that is stopped', () => {
  it('while batches are under way has those that were acknowledged when it starts again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stopped-'));
    const { ours, connection } = await startOurs(folder);
    const table = TableClient.fromConnectionString(connection, 'rows', {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });
    await table.createTable();
    const acknowledged: string[] = [];
    const write = async (rowKey: string): Promise<void> => {
      await table.submitTransaction([['create', { partitionKey: 'p', rowKey }]]);
      acknowledged.push(rowKey);
    };
    const keepWriting = async (worker: number): Promise<void> => {
      for (let n = 0; ; n += 1) await write(`${worker}-${n}`);
    };
    const writers = [1, 2, 3, 4].map((worker) => keepWriting(worker).catch(() => undefined)); // until it is stopped
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(50);
    await ours.down();
    await Promise.all(writers);
    await ours.up();
    expect(await keysOf(table, 'p')).toEqual(expect.arrayContaining(acknowledged));
    await ours.down();
    await rm(folder, { recursive: true });
  });
});
