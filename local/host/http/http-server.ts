import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toErrorText, type HostLog } from '../log/host-log.js';
import { serveAdmin, type AdminTarget } from './admin-routes.js';
import type { FunctionRoutes } from './function-routes.js';
import { toUrl } from './request.js';

export interface HttpServerOptions {
  readonly port: number;
  readonly routes: FunctionRoutes;
  readonly admin: AdminTarget;
  readonly log: HostLog;
  /** Requests in progress beyond which new ones get 429; -1 for no limit. */
  readonly maxOutstandingRequests: number;
  /** Requests handled at once; others wait their turn. -1 for no limit. */
  readonly maxConcurrentRequests: number;
}

/** The app's HTTP front: functions, admin endpoints, throttling. Loopback only. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #queue: (() => void)[] = [];
  #outstanding = 0;
  #active = 0;
  #stopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Listen; answers the port in use. @throws Error naming the port when it is taken */
  async start(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(this.#explain(error)));
      this.#server.listen(this.#options.port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  /** Answer 503 from now on, wait for requests in progress, close. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    await closed;
  }

  /** Drop whatever is still connected. */
  abort(): void {
    this.#server.closeAllConnections();
  }

  #explain(error: Error): Error {
    if (!('code' in error) || error.code !== 'EADDRINUSE') return error;
    return new Error(`port ${this.#options.port} is taken; choose another with --http-port`, { cause: error });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { maxOutstandingRequests, log } = this.#options;
    if (this.#stopping) return void response.writeHead(503, { connection: 'close' }).end();
    if (maxOutstandingRequests >= 0 && this.#outstanding >= maxOutstandingRequests) {
      return void response.writeHead(429, { 'retry-after': '1' }).end();
    }
    this.#outstanding += 1;
    try {
      await this.#turn();
      await this.#route(request, response);
    } catch (error) {
      log({
        level: 'error',
        category: 'Host.Http',
        message: `${request.method} ${request.url}: ${toErrorText(error)}`,
      });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    } finally {
      this.#outstanding -= 1;
      this.#leave();
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = toUrl(request).pathname;
    if (/^\/admin(\/|$)/i.test(path)) return serveAdmin(this.#options.admin, request, response);
    if (await this.#options.routes.serve(request, response)) return;
    response.writeHead(404).end();
  }

  #turn(): Promise<void> {
    const limit = this.#options.maxConcurrentRequests;
    this.#active += 1;
    if (limit < 0 || this.#active <= limit) return Promise.resolve();
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  #leave(): void {
    this.#active -= 1;
    this.#queue.shift()?.();
  }
}
