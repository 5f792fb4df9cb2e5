import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AmqpError } from '../amqp/amqp-error.js';
import type { Namespace } from '../service-bus/namespace.js';
import { readDescription, writeEntry, writeError, writeFeed } from './atom.js';
import { InvalidSetting } from './setting-reader.js';
import { entityResource, listEntries, type Resource, ruleResource, subscriptionResource } from './resources.js';

/** The management interface (ATOM over HTTP) of a namespace. */
export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const maxBodyBytes = 256 * 1024;
const defaultPage = 100;

/** Serve management requests. Rejects with the socket error when the port is taken. */
export async function startAdmin(
  namespace: Namespace,
  { host, port }: { host: string; port: number },
): Promise<AdminServer> {
  const server = createServer((request, response) => {
    answer(namespace, request)
      .catch(toErrorAnswer)
      .then((result) => send(response, result))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/atom+xml;type=entry;charset=utf-8' }).end(body);
}

async function answer(namespace: Namespace, request: IncomingMessage): Promise<Answer> {
  const target = parseTarget(request);
  if (!target) return fail(400, `SubCode=40000. The path '${request.url ?? ''}' is not a well-formed URL path.`);
  const { url, path } = target;
  if (path === 'health') return { status: 200, body: 'outport-broker' };
  if (!request.headers.authorization) return fail(401, 'An Authorization header is required.');
  const body = await readBody(request);
  if (body === undefined) return fail(413, `The body is larger than ${maxBodyBytes} bytes.`);
  const update = request.headers['if-match'] === '*';
  if (request.method === 'GET' && path === '$namespaceinfo') return namespaceInfo(url);
  if (request.method === 'GET') return read(namespace, path, url);
  const problem = request.method === 'PUT' ? findNameProblem(path) : undefined;
  if (problem !== undefined) return fail(400, `SubCode=40000. ${problem}`);
  const resource = toResource(namespace, path, body);
  if (request.method === 'PUT') return put(resource, { body, update, url });
  if (request.method === 'DELETE') return (await resource.remove()) ? { status: 200, body: '' } : notFound(path);
  return fail(400, `The method ${request.method ?? ''} is not supported.`);
}

function parseTarget({ url: target, headers }: IncomingMessage): { url: URL; path: string } | undefined {
  try {
    const url = new URL(target ?? '/', `http://${headers.host ?? 'localhost'}`);
    return { url, path: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '') };
  } catch (error) {
    if (error instanceof URIError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function read(namespace: Namespace, path: string, url: URL): Answer {
  const all = listEntries(namespace, path);
  if (all) return page(all, path, url);
  const entry = toResource(namespace, path, '').read();
  return entry ? { status: 200, body: writeEntry(url.origin, entry) } : notFound(path);
}

function page(all: NonNullable<ReturnType<typeof listEntries>>, path: string, url: URL): Answer {
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const top = Number(url.searchParams.get('$top') ?? defaultPage);
  if (!Number.isInteger(skip) || !Number.isInteger(top) || skip < 0 || top < 1) {
    return fail(400, 'SubCode=40000. $skip and $top must be whole numbers.');
  }
  const next = skip + top < all.length ? `/${path}?$skip=${skip + top}&$top=${top}` : undefined;
  return { status: 200, body: writeFeed(url.origin, all.slice(skip, skip + top), next) };
}

async function put(
  resource: Resource,
  { body, update, url }: { body: string; update: boolean; url: URL },
): Promise<Answer> {
  const description = readDescription(body, resource.kind);
  if (!description) return fail(400, `SubCode=40000. The body holds no ${resource.kind}.`);
  const outcome = await resource.put(description, update);
  if (outcome === 'missing') return fail(404, 'SubCode=40400. The entity to update does not exist.');
  if (outcome === 'exists') return fail(409, 'SubCode=40900. Conflict. An entity of this name exists already.');
  const entry = resource.read();
  return entry
    ? { status: outcome === 'created' ? 201 : 200, body: writeEntry(url.origin, entry) }
    : fail(500, 'The entity is gone.');
}

function toResource(namespace: Namespace, path: string, body: string): Resource {
  const [, ruleAddress, rule] = /^(.+\/Subscriptions\/[^/]+)\/Rules\/([^/]+)$/i.exec(path) ?? [];
  if (ruleAddress !== undefined && rule !== undefined) return ruleResource(namespace, ruleAddress, rule);
  const [, topic, subscription] = /^(.+)\/Subscriptions\/([^/]+)$/i.exec(path) ?? [];
  if (topic !== undefined && subscription !== undefined) return subscriptionResource(namespace, topic, subscription);
  return entityResource(namespace, path, body.includes('<TopicDescription') ? 'TopicDescription' : 'QueueDescription');
}

/** The service's limits on names: 260 characters for queues and topics, 50 for subscriptions and rules. */
function findNameProblem(path: string): string | undefined {
  const [entity = '', ...below] = path.split(/\/(?:Subscriptions|Rules)\//i);
  if (entity === '' || below.includes('')) return `The path '${path}' names no entity.`;
  const long = entity.length > 260 ? entity : below.find((name) => name.length > 50);
  if (long !== undefined) return `The name '${long}' is too long.`;
  return /[@?#*\\]/.test(path) ? `The path '${path}' holds a character that names cannot have.` : undefined;
}

function namespaceInfo(url: URL): Answer {
  const description = {
    CreatedTime: '2026-01-01T00:00:00Z',
    MessagingSKU: 'Standard',
    ModifiedTime: '2026-01-01T00:00:00Z',
    Name: 'local',
  };
  return { status: 200, body: writeEntry(url.origin, { path: '$namespaceinfo', kind: 'NamespaceInfo', description }) };
}

function notFound(path: string): Answer {
  return fail(404, `The messaging entity '${path}' could not be found.`);
}

function fail(status: number, detail: string): Answer {
  return { status, body: writeError(status, detail) };
}

function toErrorAnswer(error: unknown): Answer {
  if (error instanceof AmqpError) return fail(error.statusCode, error.description);
  if (error instanceof InvalidSetting) return fail(400, `SubCode=40000. ${error.message}`);
  return fail(500, error instanceof Error ? error.message : String(error));
}

/** Undefined for a body that is too large; it is read to its end all the same, so that the client hears the answer. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}
