import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRow, transact } from '../../../shared/adapters/table/requests.js';
import { givingUpAfter } from '../../../shared/adapters/table/tables.js';
import { RetryableError } from '../../../shared/ports/errors.js';

describe('a table service that takes requests and never answers', () => {
  const sockets = new Set<Socket>();
  let server: Server;
  beforeEach(async () => {
    server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  function openTable(): TableClient {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it listens on a port');
    const url = `http://127.0.0.1:${address.port}/account`;
    const credential = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=${Buffer.from('key').toString('base64')}`;
    return TableClient.fromConnectionString(`${credential};TableEndpoint=${url}`, 'rows', {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 1, retryDelayInMs: 1 },
      additionalPolicies: [givingUpAfter(40)],
    });
  }

  it.each<[string, (table: TableClient) => Promise<unknown>]>([
    ['a read', (table) => findRow(table, 'p', 'r')],
    ['a transaction', (table) => transact(table, [['create', { partitionKey: 'p', rowKey: 'r' }]])],
  ])('has %s given up, as something to be tried again', async (_, request) => {
    await expect(request(openTable())).rejects.toBeInstanceOf(RetryableError);
    expect(sockets.size).toBeGreaterThan(0);
  });
});
