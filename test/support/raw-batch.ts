import { once } from 'node:events';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import type { TransactionAction } from '@azure/data-tables';
import { toBody } from '../../shared/adapters/table/transaction/to-body.js';

/** What names a server's table service, and the key of its account. */
export interface Endpoint {
  readonly port: number;
  readonly key: string;
}

/** A request that holds a batch, as text on the wire, with what is unusual about it. */
export interface RawBatch {
  readonly method?: string;
  readonly version?: string;
  readonly path?: string;
  readonly host?: string;
  readonly body?: string;
  /** In the place of the usual headers, and besides them; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** In the place of a right signature; undefined leaves it out. */
  readonly authorization?: string | undefined;
}

export const account = 'devstoreaccount1';
const date = 'Tue, 01 Jan 2030 00:00:00 GMT';

export function toEndpoint(connection: string): Endpoint {
  const port = /TableEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(connection)?.[1];
  const key = /AccountKey=([^;]+)/.exec(connection)?.[1];
  if (port === undefined || key === undefined) throw new Error(`no endpoint in ${connection}`);
  return { port: Number(port), key };
}

/** A batch for the table `rows`; the address in it is the same for all servers, so that answers are equally long. */
export function toRows(...actions: TransactionAction[]): string {
  return toBody(actions, `http://127.0.0.1:10002/${account}/rows`, 'a-1');
}

/** Signs what "Authorize with Shared Key" says of Shared Key Lite for tables, or of Shared Key. */
export function sign(key: string, ...lines: string[]): string {
  return createHmac('sha256', Buffer.from(key, 'base64')).update(lines.join('\n')).digest('base64');
}

export function toText({ port, key }: Endpoint, raw: RawBatch): string {
  const { method = 'POST', version = '1.1', path = `/${account}/$batch`, host = `127.0.0.1:${port}`, body = '' } = raw;
  const headers: RawBatch['headers'] = {
    host,
    'content-type': 'multipart/mixed; boundary=batch_a-1',
    'content-length': String(Buffer.byteLength(body)),
    'x-ms-date': date,
    ...raw.headers,
  };
  const signed = headers['date'] ?? headers['x-ms-date'] ?? '';
  const right = `SharedKeyLite ${account}:${sign(key, signed, `/${account}${path}`)}`;
  const authorization = 'authorization' in raw ? raw.authorization : right;
  const lines = Object.entries({ ...headers, authorization }).filter(([, value]) => value !== undefined);
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${path} HTTP/${version}\r\n${head}\r\n${body}`;
}

/** All that a server answers to a text until it ends the connection. */
export async function exchange({ port }: Endpoint, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (part) => (answer += String(part)));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

/** Sends a text and breaks the connection; the system still delivers what it took. */
export async function breakOff({ port }: Endpoint, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.write(text, resolve));
  socket.destroy();
}
