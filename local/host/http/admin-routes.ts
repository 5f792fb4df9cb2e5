import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionDefinition } from '../triggers/function-definition.js';
import { keyOf } from './function-routes.js';
import { isAllowed, type Keys } from './keys.js';
import { readBody, toUrl } from './request.js';
import { writeJson } from './response.js';

const MANUAL_INPUT_LIMIT_BYTES = 1_048_576;

/** What the admin endpoints show and do. */
export interface AdminTarget {
  readonly keys: Keys;
  readonly definitions: readonly FunctionDefinition[];
  readonly problems: Readonly<Record<string, string>>;
  /** Start one invocation outside its trigger; false when this function cannot be run so. */
  runNow(name: string, input: string): boolean;
}

/** The part of the platform's admin API that operators use. Everything but `ping` needs the master key. */
export async function serveAdmin(
  target: AdminTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = toUrl(request).pathname.replace(/\/+$/, '').toLowerCase();
  if (path === '/admin/host/ping') {
    response.writeHead(200).end();
    return;
  }
  if (!isAllowed(keyOf(request), 'admin', { keys: target.keys })) {
    response.writeHead(401).end();
    return;
  }
  if (path === '/admin/host/status') return serveGet(request, response, () => toStatus(target));
  if (path === '/admin/functions') return serveGet(request, response, () => target.definitions.map(toListing));
  const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
  const definition = target.definitions.find((one) => one.name.toLowerCase() === decodeURIComponent(name ?? ''));
  if (!definition) return void response.writeHead(404).end();
  if (request.method === 'POST') return serveRun({ target, definition }, request, response);
  return serveGet(request, response, () => toListing(definition));
}

function serveGet(request: IncomingMessage, response: ServerResponse, answer: () => unknown): void {
  if (request.method === 'GET') writeJson(response, 200, answer());
  else response.writeHead(405, { allow: 'GET' }).end();
}

function toStatus(target: AdminTarget): unknown {
  return {
    id: 'local',
    state: Object.keys(target.problems).length > 0 ? 'Error' : 'Running',
    version: '4.1052.200',
    processUptime: Math.round(process.uptime() * 1000),
    errors: Object.entries(target.problems).map(([name, problem]) => `${name}: ${problem}`),
  };
}

function toListing(definition: FunctionDefinition): unknown {
  const bindings = Object.entries(definition.target.metadata.bindings).map(([name, binding]) => ({ ...binding, name }));
  return { name: definition.name, isDisabled: definition.disabled, language: 'node', config: { bindings } };
}

async function serveRun(
  { target, definition }: { readonly target: AdminTarget; readonly definition: FunctionDefinition },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, MANUAL_INPUT_LIMIT_BYTES);
  if (body.kind !== 'read') return void response.writeHead(413).end();
  const input = toInput(body.bytes.toString('utf8'));
  if (input === undefined) return writeJson(response, 400, { message: 'send JSON like {"input": "text"}' });
  response.writeHead(target.runNow(definition.name, input) ? 202 : 400).end();
}

function toInput(text: string): string | undefined {
  if (text.trim() === '') return '';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const input: unknown = Reflect.get(value, 'input') ?? '';
    return typeof input === 'string' ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}
