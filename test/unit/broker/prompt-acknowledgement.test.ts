import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { acknowledgePromptly } from '../../../local/broker/amqp/prompt-acknowledgement.js';

const emptyFrame = '0000000802000000';
const closing: (() => void)[] = [];

afterEach(() => closing.splice(0).forEach((close) => close()));

/** Both ends of a connection; `server` is the one under test. */
async function openPair(): Promise<{ client: Socket; server: Socket }> {
  const listener = createServer({ noDelay: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo; // a TCP server that listens has one
  const client = connect(port, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  closing.push(
    () => [client, server].forEach((socket) => socket.destroy()),
    () => listener.close(),
  );
  return { client, server };
}

async function exchange(client: Socket, text: string): Promise<string> {
  const answer = once(client, 'data') as Promise<[Buffer]>;
  client.write(text);
  return (await answer)[0].toString('hex');
}

describe('a read of the broker', () => {
  it('is answered with an empty frame when nothing else answers it', async () => {
    const { client, server } = await openPair();
    server.on('data', () => undefined);
    acknowledgePromptly(server, () => true);

    expect(await exchange(client, 'a flow')).toBe(emptyFrame);
    expect(await exchange(client, 'another')).toBe(emptyFrame);
  });

  it('is answered with its answer alone', async () => {
    const { client, server } = await openPair();
    server.on('data', () => server.write('answer'));
    acknowledgePromptly(server, () => true);

    expect(Buffer.from(await exchange(client, 'a request'), 'hex').toString()).toBe('answer');
    expect(Buffer.from(await exchange(client, 'another'), 'hex').toString()).toBe('answer');
  });

  it('is not answered on a connection that is closed', async () => {
    const { client, server } = await openPair();
    server.on('data', () => setImmediate(() => server.end('end')));
    acknowledgePromptly(server, () => false);

    expect(Buffer.from(await exchange(client, 'a close frame'), 'hex').toString()).toBe('end');
  });
});
