import type { IncomingMessage, ServerResponse } from 'node:http';
import createRouter, { type HTTPMethod } from 'find-my-way';
import type { FunctionDefinition } from '../triggers/function-definition.js';
import { readText } from '../triggers/function-definition.js';
import type { Invoker } from '../worker/invoker.js';
import { isAllowed, type Keys } from './keys.js';
import { DEFAULT_BODY_LIMIT_BYTES, readBody, toRpcHttp, toUrl } from './request.js';
import { writeRpcHttp } from './response.js';
import { toPatterns } from './route-template.js';

export interface FunctionRoutesOptions {
  readonly routePrefix: string;
  readonly keys: Keys;
  readonly invoker: Invoker;
  readonly bodyLimitBytes?: number;
}

type Params = Readonly<Record<string, string | undefined>>;

/** The HTTP functions of an app, by route and method. An unknown route or method is 404, as on the platform. */
export class FunctionRoutes {
  readonly #options: FunctionRoutesOptions;
  readonly #router = createRouter({ ignoreTrailingSlash: true, caseSensitive: false, maxParamLength: 2048 });

  constructor(options: FunctionRoutesOptions) {
    this.#options = options;
  }

  /** Add a function. @throws Error when its route cannot be used */
  add(definition: FunctionDefinition): void {
    const { patterns, wildcard } = toPatterns(this.#templateOf(definition));
    for (const pattern of patterns) {
      this.#router.on(methodsOf(definition), pattern, (request, response, params) => {
        const { '*': rest, ...named } = params;
        const values = wildcard === undefined ? named : { ...named, [wildcard]: rest };
        return this.#serve({ definition, params: values }, request, response);
      });
    }
  }

  /** Answer a request. False when no function has this route and method. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    // Node only yields methods that the router knows.
    const found = this.#router.find((request.method ?? 'GET') as HTTPMethod, toUrl(request).pathname);
    if (!found) return false;
    await found.handler(request, response, found.params, found.store, found.searchParams);
    return true;
  }

  #templateOf(definition: FunctionDefinition): string {
    const route = (readText(definition, 'route') ?? definition.name).replace(/^\//, '');
    if (/^(admin|runtime)(\/|$)/i.test(route) && this.#options.routePrefix === '') {
      throw new Error(`route "${route}" is reserved; choose another`);
    }
    return [this.#options.routePrefix, route].filter((part) => part !== '').join('/');
  }

  async #serve(
    target: { readonly definition: FunctionDefinition; readonly params: Params },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { definition, params } = target;
    const level = readText(definition, 'authLevel') ?? 'anonymous';
    if (!isAllowed(keyOf(request), level, { name: definition.name, keys: this.#options.keys })) {
      response.writeHead(401).end();
      return;
    }
    const body = await readBody(request, this.#options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES);
    if (body.kind === 'aborted') return;
    if (body.kind === 'too-large') {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const data = { http: toRpcHttp(request, params, body.bytes) };
    await this.#invoke(definition, data, response);
  }

  async #invoke(
    definition: FunctionDefinition,
    data: { readonly http: ReturnType<typeof toRpcHttp> },
    response: ServerResponse,
  ): Promise<void> {
    const outcome = await this.#options.invoker.invoke({
      target: definition.target,
      trigger: { name: definition.triggerName, data },
      triggerMetadata: {},
      reason: 'HTTP request',
      traceParent: data.http.headers?.['traceparent'],
    });
    if (outcome.kind === 'succeeded') writeRpcHttp(response, outcome.response.returnValue);
    else response.writeHead(500).end();
  }
}

/** The key a caller gives: header `x-functions-key`, or query `code`. */
export function keyOf(request: IncomingMessage): string | undefined {
  const header = request.headers['x-functions-key'];
  if (typeof header === 'string') return header;
  return toUrl(request).searchParams.get('code') ?? undefined;
}

function methodsOf(definition: FunctionDefinition): HTTPMethod[] {
  const methods = definition.trigger['methods'];
  const names = Array.isArray(methods) && methods.length > 0 ? methods : ['GET', 'POST'];
  return names.map((name) => String(name).toUpperCase() as HTTPMethod); // The router refuses names it does not know.
}
