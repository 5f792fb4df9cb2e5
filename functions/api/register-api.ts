import type { HttpFunctionOptions, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { toOpenApi } from '../../shared/contracts/api/openapi.js';
import type { Route } from '../../shared/contracts/api/route.js';
import { type RouteName, routes } from '../../shared/contracts/api/routes.js';
import type { ComposeOperators } from '../compose.js';
import type { AuthMode } from './caller.js';
import { serve } from './serve.js';

interface HttpApp {
  http(name: string, options: HttpFunctionOptions): void;
}

/**
 * The API: one function per route, because the platform orders overlapping routes by function name.
 *
 * With keys the function's level is its lock: `function` (a key of the function or the host key), for role `admin` the
 * master key. With sign-in the platform has no say in keys, and the role is checked inside.
 */
export function registerApi(app: HttpApp, compose: ComposeOperators, mode: AuthMode): void {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    app.http(name, {
      route: route.path,
      methods: [route.method],
      authLevel: toAuthLevel(route, mode),
      handler: (request: HttpRequest, context: InvocationContext) => serve({ name, mode, compose }, request, context),
    });
  }
  app.http('openapi', { route: 'openapi.json', methods: ['GET'], authLevel: 'anonymous', handler: openApi });
}

function toAuthLevel({ role }: Route, mode: AuthMode): 'anonymous' | 'function' | 'admin' {
  if (mode === 'platform-sign-in') return 'anonymous';
  return role === 'admin' ? 'admin' : 'function';
}

let document: HttpResponseInit | undefined;

function openApi(): HttpResponseInit {
  return (document ??= { jsonBody: toOpenApi() });
}
