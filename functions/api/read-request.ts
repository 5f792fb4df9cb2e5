import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import type { Route } from '../../shared/contracts/api/route.js';
import type { Problem } from '../../shared/contracts/problem.js';
import type { ApiProblem } from './handlers.js';

/** Largest request body: a hundred events of the largest size do not fit, a hundred usual ones do many times. */
const bodyLimitBytes = 1_000_000;

/** The parts of a request, checked, or everything that is wrong with them. */
export interface Parts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly cloudEventHeaders: Readonly<Record<string, string>>;
}

type Read = { readonly ok: true; readonly value: Parts } | { readonly ok: false; readonly problem: ApiProblem };

/** Read and check what a route declares; everything wrong is named at once. */
export async function readParts(request: HttpRequest, route: Route): Promise<Read> {
  const body = route.body === undefined ? { ok: true as const, value: undefined } : await readJson(request);
  if (!body.ok) return body;
  const query = Object.fromEntries([...request.query].filter(([name]) => name !== 'code'));
  const checked = {
    params: check(route.params, toParams(request.params), ''),
    query: check(route.query?.strict(), query, ''),
    body: check(route.body, body.value, 'body.'),
  };
  const problems = [checked.params, checked.query, checked.body].flatMap((part) => part.problems);
  if (problems.length > 0) {
    const detail = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    return { ok: false, problem: { code: 'invalid-request', detail, next: 'see openapi.json', problems } };
  }
  return {
    ok: true,
    value: {
      params: checked.params.value,
      query: checked.query.value,
      body: checked.body.value,
      ifMatch: request.headers.get('if-match') ?? undefined,
      cloudEventHeaders: toCloudEventHeaders(request),
    },
  };
}

/** A slash within a path parameter stays encoded on the way through some servers. */
function toParams(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.replaceAll(/%2f/gi, '/')]));
}

function check(
  schema: z.ZodType | undefined,
  value: unknown,
  prefix: string,
): { value?: unknown; problems: Problem[] } {
  if (schema === undefined) return { problems: [] };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, problems: [] };
  const problems = parsed.error.issues.slice(0, 50).map(({ path, message }) => ({
    path: prefix + (path.map(String).join('.') || '$'),
    message,
  }));
  return { problems };
}

type Json = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: ApiProblem };

async function readJson(request: HttpRequest): Promise<Json> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  const bytes = announced > bodyLimitBytes ? undefined : Buffer.from(await request.arrayBuffer());
  if (bytes === undefined || bytes.byteLength > bodyLimitBytes) {
    return refuse('too-large', `the body is larger than ${bodyLimitBytes} bytes`, 'send less at once');
  }
  if (bytes.byteLength === 0) return refuse('invalid-request', 'the body is missing', 'send JSON');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return refuse('invalid-request', 'the body is not JSON in UTF-8', 'send JSON');
  }
}

function refuse(code: ApiProblem['code'], detail: string, next: string): { ok: false; problem: ApiProblem } {
  return { ok: false, problem: { code, detail, next } };
}

function toCloudEventHeaders({ headers }: HttpRequest): Record<string, string> {
  const found = [...headers].filter(([name]) => name.toLowerCase().startsWith('ce-'));
  return Object.fromEntries(found.map(([name, value]) => [name.slice('ce-'.length).toLowerCase(), value]));
}
