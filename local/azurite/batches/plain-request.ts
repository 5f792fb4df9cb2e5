import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Azurite's accounts. */
export interface Accounts {
  getAccount(name: string): { readonly key1: Buffer; readonly key2?: Buffer } | undefined;
}

/** Other hosts may have the account in their name. */
const plainHost = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/;
const batchPath = /^\/(\w+)\/\$batch$/;

/**
 * The account of a request that holds a batch, is signed by it, and has nothing about it that Azurite would act on;
 * undefined for every other request, which may be right all the same.
 */
export function accountOfPlain(request: IncomingMessage, accounts: Accounts, mostBytes: number): string | undefined {
  const { method, url = '', headers } = request;
  const account = method === 'POST' ? batchPath.exec(url)?.[1] : undefined;
  if (account === undefined || !plainHost.test(headers.host ?? '')) return undefined;
  // Another method, and headers for browsers.
  if (headers['x-http-method'] !== undefined || headers.origin !== undefined) return undefined;
  if (headers['content-type'] === undefined || !(Number(headers['content-length']) <= mostBytes)) return undefined;
  const keys = accounts.getAccount(account);
  return isSigned(request, account, keys?.key1) || isSigned(request, account, keys?.key2) ? account : undefined;
}

/**
 * Shared Key Lite of the Table service, as its clients sign ("Authorize with Shared Key"): the date, and the resource by
 * account and path. Like Azurite it takes any date.
 */
function isSigned({ url = '', headers }: IncomingMessage, account: string, key: Buffer | undefined): boolean {
  if (key === undefined) return false;
  // An empty date counts as none.
  const date = headers.date || headers['x-ms-date'] || '';
  const text = `${String(date)}\n/${account}${url}`;
  const signature = createHmac('sha256', key).update(text).digest('base64');
  return headers.authorization === `SharedKeyLite ${account}:${signature}`;
}
