import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { type ApiProblemCode, apiProblems, toProblemDetails } from '../../shared/contracts/api/problem-details.js';
import type { Route } from '../../shared/contracts/api/route.js';
import { type RouteName, routes } from '../../shared/contracts/api/routes.js';
import type { Problem } from '../../shared/contracts/problem.js';
import { SettingsError } from '../../shared/config/settings.js';
import { RetryableError, TerminalError } from '../../shared/ports/errors.js';
import type { ComposeOperators } from '../compose.js';
import { toLogLine } from '../log-line.js';
import { type AuthMode, identify } from './caller.js';
import { type ApiDeps, type ApiOutcome, type ApiProblem, handlers } from './handlers.js';
import { readParts } from './read-request.js';

/** What a request is served with. */
export interface Served {
  readonly name: RouteName;
  readonly mode: AuthMode;
  readonly compose: ComposeOperators;
}

/** Identify, limit, check, call, answer; every failure becomes a problem, and nothing inside leaks out with it. */
export async function serve(
  { name, mode, compose }: Served,
  request: HttpRequest,
  context: Pick<InvocationContext, 'error'>,
): Promise<HttpResponseInit> {
  const route: Route = routes[name];
  try {
    const identified = identify(request.headers, route.role, mode);
    if (!identified.ok) return toProblem(identified);
    const { apiDeps, rateLimit } = await compose();
    const waitSeconds = rateLimit.take(identified.caller.id, apiDeps.clock.nowMs());
    if (waitSeconds > 0) return toTooMany(waitSeconds);
    const parts = await readParts(request, route);
    if (!parts.ok) return toProblem(parts.problem);
    const checked = { ...parts.value, caller: identified.caller };
    // The parts were checked with this very route's schemas, which is what the handler's type says.
    const handle: (request: never, deps: ApiDeps) => Promise<ApiOutcome> = handlers[name];
    const outcome = await handle(checked as never, apiDeps);
    if (!outcome.ok) return toProblem(outcome.problem);
    const { body, etag } = outcome.value;
    return { status: route.status, jsonBody: body, headers: { ...noStore, ...(etag !== undefined && { etag }) } };
  } catch (error) {
    context.error(toLogLine({ event: 'api-fault', route: name, fault: String(error) }));
    return toFault(error);
  }
}

/** Answers show what is true now, and are not for caches to keep. */
const noStore = { 'cache-control': 'no-store' };

function toProblem(problem: Pick<ApiProblem, 'code' | 'detail'> & Partial<ApiProblem>): HttpResponseInit {
  const { code, detail, next, problems } = problem;
  return respond(code, detail, { ...(next !== undefined && { next }), ...(problems && { problems }) });
}

function toTooMany(waitSeconds: number): HttpResponseInit {
  const response = respond('too-many-requests', `this caller may go on in ${waitSeconds} seconds`);
  return { ...response, headers: { ...response.headers, 'retry-after': String(waitSeconds) } };
}

/** Messages of services may name hosts and accounts; they stay in the log. */
function toFault(error: unknown): HttpResponseInit {
  if (error instanceof SettingsError) return respond('unavailable', error.message);
  if (error instanceof RetryableError) return respond('unavailable', 'storage or messaging does not answer; try again');
  if (error instanceof TerminalError) {
    return respond('refused-by-service', 'storage or messaging refused the call; the log says why');
  }
  return respond('internal', 'this is a defect; the log says more');
}

function respond(
  code: ApiProblemCode,
  detail: string,
  more: { next?: string; problems?: readonly Problem[] } = {},
): HttpResponseInit & { headers: Record<string, string> } {
  return {
    status: apiProblems[code].status,
    headers: { ...noStore, 'content-type': 'application/problem+json' },
    body: JSON.stringify(toProblemDetails(code, detail, more)),
  };
}
