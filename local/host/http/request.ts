import type { IncomingMessage } from 'node:http';
import type { RpcHttp } from '../worker/rpc.js';

/** The platform's default for `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`. */
export const DEFAULT_BODY_LIMIT_BYTES = 104_857_600;

export type Body =
  { readonly kind: 'read'; readonly bytes: Buffer } | { readonly kind: 'too-large' } | { readonly kind: 'aborted' };

/** Read a request body of at most `limitBytes`. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return { kind: 'too-large' };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limitBytes) return { kind: 'too-large' };
      chunks.push(chunk);
    }
  } catch {
    // The client went away; there is nobody left to tell.
    return { kind: 'aborted' };
  }
  return { kind: 'read', bytes: Buffer.concat(chunks, size) };
}

/** The full address of a request, from its Host header. */
export function toUrl(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
}

/** A request as the host sends it to the worker. */
export function toRpcHttp(
  request: IncomingMessage,
  params: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
): RpcHttp {
  const url = toUrl(request);
  return {
    method: request.method ?? 'GET',
    url: url.href,
    headers: toHeaders(request),
    query: toQuery(url.searchParams),
    nullableParams: toNullable(params),
    nullableQuery: toNullable(toQuery(url.searchParams)),
    ...(body.length > 0 ? { body: { bytes: body } } : {}),
  };
}

function toHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** Repeated names are joined with a comma, as the platform does. */
function toQuery(search: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(search.keys())].map((name) => [name, search.getAll(name).join(',')]));
}

function toNullable(values: Readonly<Record<string, string | undefined>>): Record<string, { value: string }> {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, { value }]));
}
