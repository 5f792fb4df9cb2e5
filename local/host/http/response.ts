import type { ServerResponse } from 'node:http';
import type { RpcCookie, RpcHttp, RpcTypedData } from '../worker/rpc.js';

/** Headers that belong to the connection between this host and its client. */
const OWN_HEADERS = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive']);

/** Write what the function returned. No return value is 204, as on the platform. */
export function writeRpcHttp(response: ServerResponse, value: RpcTypedData | null | undefined): void {
  const http = value?.http;
  if (!http) {
    response.writeHead(204).end();
    return;
  }
  for (const [name, header] of Object.entries(http.headers ?? {})) {
    if (!OWN_HEADERS.has(name.toLowerCase())) response.setHeader(name, header);
  }
  const cookies = (http.cookies ?? []).map(toCookie);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.writeHead(Number(http.statusCode ?? 200));
  response.end(toBytes(http));
}

function toBytes({ body }: RpcHttp): Uint8Array {
  if (body?.bytes) return body.bytes;
  return Buffer.from(body?.string ?? body?.json ?? '');
}

/** Write a small JSON answer of the host itself. */
export function writeJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}

function toCookie(cookie: RpcCookie): string {
  const parts = [`${cookie.name ?? ''}=${encodeURIComponent(cookie.value ?? '')}`];
  if (cookie.maxAge?.value !== undefined) parts.push(`Max-Age=${cookie.maxAge.value}`);
  if (cookie.expires?.value !== undefined) parts.push(`Expires=${toDate(cookie.expires.value).toUTCString()}`);
  if (cookie.domain?.value) parts.push(`Domain=${cookie.domain.value}`);
  parts.push(`Path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) parts.push('Secure');
  if (cookie.httpOnly?.value) parts.push('HttpOnly');
  const sameSite = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' }[cookie.sameSite ?? ''];
  if (sameSite) parts.push(`SameSite=${sameSite}`);
  return parts.join('; ');
}

/** The library writes a protobuf timestamp or passes a date on. */
function toDate(value: unknown): Date {
  if (typeof value === 'object' && value !== null && 'seconds' in value) return new Date(Number(value.seconds) * 1000);
  return value instanceof Date ? value : new Date(String(value));
}
