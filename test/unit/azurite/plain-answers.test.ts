import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type InTurn, PlainAnswers } from '../../../local/azurite/batches/plain-answers.js';
import { Tables } from '../../../local/azurite/tables/tables.js';
import { Transactions } from '../../../local/azurite/tables/transactions.js';
import { account, breakOff, type Endpoint, exchange, toRows, toText } from '../../support/raw-batch.js';

const key = 'AAAA';
const name = { account, table: 'rows' };
const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** Tables that tell of each change when `keep` does, behind a listener that stands for Azurite. */
async function start(keep: () => Promise<void>, azurite = refuse, inTurn: InTurn = async (work) => work()) {
  const tables = new Tables();
  for (const model of [name, { ...name, account: 'other' }]) tables.apply({ t: 'table', model });
  const transactions = new Transactions({ tables, keep, close: () => Promise.resolve() });
  const accounts = { getAccount: () => ({ key1: Buffer.from('BBBB', 'base64'), key2: Buffer.from(key, 'base64') }) };
  const answers = new PlainAnswers(azurite, { tables, transactions }, accounts, inTurn);
  const server = createServer((request, response) => answers.take(request, response)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { endpoint: { port: address.port, key }, rows: () => tables.find(name)?.rows.size };
}

const refuse: RequestListener = (_request, response) => void response.writeHead(418).end();
const create = toRows(['create', { partitionKey: 'p', rowKey: '1', text: 'ä€😀' }]);
const last = { connection: 'close' };
const ask = (endpoint: Endpoint, body: string): Promise<string> =>
  exchange(endpoint, toText(endpoint, { body, headers: last }));
/** Goes to what stands for Azurite at once: when it is answered, whoever asked before had the time to be. */
const overtake = (endpoint: Endpoint): Promise<string> =>
  exchange(endpoint, toText(endpoint, { body: create, headers: last, authorization: undefined }));

describe('a batch that is answered before it comes to Azurite', () => {
  it('is acknowledged when it is kept, and not before', async () => {
    let tell = (): void => undefined;
    const kept = new Promise<void>((resolve) => (tell = resolve));
    const { endpoint, rows } = await start(() => kept);
    let answered = false;
    const answer = ask(endpoint, create).finally(() => (answered = true));
    await expect.poll(rows).toBe(1);
    expect(await overtake(endpoint)).toMatch(/^HTTP\/1\.1 418 /);
    expect(answered).toBe(false);
    tell();
    expect(await answer).toMatch(/^HTTP\/1\.1 202 /);
  });

  it('is applied when it is its turn', async () => {
    let begin = (): void => undefined;
    const turn = new Promise<void>((resolve) => (begin = resolve));
    const { endpoint, rows } = await start(
      () => Promise.resolve(),
      refuse,
      async (work) => turn.then(work),
    );
    const answer = ask(endpoint, create);
    expect(await overtake(endpoint)).toMatch(/^HTTP\/1\.1 418 /);
    expect(rows()).toBe(0);
    begin();
    expect(await answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(rows()).toBe(1);
  });

  it('is kept when whoever asked is gone, and others are answered', async () => {
    let tell = (): void => undefined;
    const kept = new Promise<void>((resolve) => (tell = resolve));
    const { endpoint, rows } = await start(() => kept);
    await breakOff(endpoint, toText(endpoint, { body: create }));
    await expect.poll(rows).toBe(1);
    tell();
    expect(await ask(endpoint, create.replaceAll('"1"', '"2"'))).toMatch(/^HTTP\/1\.1 202 /);
    expect(rows()).toBe(2);
  });

  it('is told to have failed when it cannot be kept, as Azurite tells it', async () => {
    const { endpoint } = await start(() => Promise.reject(new Error('the disk is full')));
    const answer = await ask(endpoint, create);
    expect(answer).toMatch(/^HTTP\/1\.1 500 .*\r\nServer: Azurite-Table\/3\.35\.0\r\n[^]*Content-Length: 0\r\n\r\n$/);
  });
});

describe('a batch that was sent before the last was answered', () => {
  it('is applied after it, whoever answers that', async () => {
    let finish = (): void => undefined;
    const azurite: RequestListener = (request, response) => {
      if (request.headers.authorization === undefined) refuse(request, response);
      else finish = () => response.end(`${rows()} rows`);
    };
    const { endpoint, rows } = await start(() => Promise.resolve(), azurite);
    const other = toText(endpoint, { body: create.replace('POST', 'MERGE') });
    const both = exchange(endpoint, other + toText(endpoint, { body: create, headers: last }));
    expect(await overtake(endpoint)).toMatch(/^HTTP\/1\.1 418 /);
    finish();
    const answer = await both;
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*0 rows[^]*HTTP\/1\.1 202 /);
  });
});

describe('a batch that is not', () => {
  it('comes to Azurite as it came', async () => {
    const seen: string[] = [];
    const { endpoint, rows } = await start(
      () => Promise.resolve(),
      (request, response) => {
        request.setEncoding('utf8').on('data', (part: string) => seen.push(part));
        request.on('end', () => response.end(JSON.stringify([request.method, request.url, ...request.rawHeaders])));
      },
    );
    const body = create.replace('POST', 'MERGE');
    const answer = await ask(endpoint, body);
    expect(seen.join('')).toBe(body);
    expect(answer).toContain(`["POST","/${account}/$batch","host","127.0.0.1:${endpoint.port}","content-type"`);
    expect(rows()).toBe(0);
  });

  it('is for the rows of an account that has not signed it', async () => {
    const { endpoint } = await start(() => Promise.resolve());
    expect(await ask(endpoint, create.replace(`/${account}/`, '/other/'))).toMatch(/^HTTP\/1\.1 418 /);
  });
});
