import { createHash } from 'node:crypto';
import { FunctionRoutes } from './http/function-routes.js';
import { HttpServer } from './http/http-server.js';
import type { Keys } from './http/keys.js';
import { toErrorText, type HostLog } from './log/host-log.js';
import type { HostSettings } from './settings/host-schema.js';
import type { Environment } from './settings/host-json.js';
import { EventHubListener } from './triggers/event-hub-listener.js';
import { toDefinition, type FunctionDefinition } from './triggers/function-definition.js';
import type { Listener, ListenerContext } from './triggers/listener.js';
import { ServiceBusListener } from './triggers/service-bus-listener.js';
import { TimerListener } from './triggers/timer-listener.js';
import { TimerMonitor } from './triggers/timer-monitor.js';
import { Invoker } from './worker/invoker.js';
import type { LoadedApp } from './worker/load-app.js';

export interface FunctionHostOptions {
  readonly app: LoadedApp;
  readonly appDir: string;
  readonly host: HostSettings;
  readonly settings: Environment;
  readonly keys: Keys;
  readonly httpPort: number;
  readonly log: HostLog;
  /** An invocation outlived `functionTimeout`; the platform ends the worker then. */
  readonly onTimeout: (functionName: string) => void;
}

/** A running functions app: listeners, HTTP front, and the functions that are in error. */
export class FunctionHost {
  readonly #options: FunctionHostOptions;
  readonly #invoker: Invoker;
  readonly #monitor: TimerMonitor;
  readonly #routes: FunctionRoutes;
  readonly #listeners = new Map<string, Listener>();
  readonly #definitions: FunctionDefinition[] = [];
  readonly #problems: Record<string, string> = {};
  #http: HttpServer | undefined;

  constructor(options: FunctionHostOptions) {
    const { app, host, log, onTimeout, settings, keys, appDir } = options;
    this.#options = options;
    this.#invoker = new Invoker({ registry: app.registry, log, timeoutMs: host.functionTimeout, onTimeout });
    this.#monitor = new TimerMonitor(settings, toHostId(appDir));
    const { routePrefix } = host.extensions.http;
    this.#routes = new FunctionRoutes({ routePrefix, keys, invoker: this.#invoker, ...toBodyLimit(settings) });
  }

  /** Start everything; answers the HTTP port and the functions that are in error. @throws Error when a port is taken */
  async start(): Promise<{ httpPort: number; functions: string[]; inError: Readonly<Record<string, string>> }> {
    for (const target of this.#options.app.registry.functions.values()) {
      const found = toDefinition(target, this.#options.settings);
      if (found.kind === 'ok') this.#definitions.push(found.definition);
      else this.#fail(found.name, found.problem);
    }
    this.#http = this.#createHttp();
    await Promise.all(this.#definitions.filter((one) => !one.disabled).map((one) => this.#startOne(one)));
    const httpPort = await this.#http.start();
    return { httpPort, functions: this.#definitions.map((one) => one.name), inError: this.#problems };
  }

  /**
   * Take no new work, let running invocations end for at most `limitMs`, release everything, run `appTerminate` hooks.
   * True when nothing was cut off.
   */
  async stop(limitMs: number): Promise<boolean> {
    const stops = Promise.allSettled([...this.#listeners.values(), this.#http].map(async (one) => one?.stop()));
    const ended = await within(
      limitMs,
      stops.then(() => this.#invoker.drain(limitMs)),
    );
    if (!ended) this.#http?.abort();
    const { registry } = this.#options.app;
    try {
      await registry.runHooks('appTerminate', {
        hookData: registry.appLevelHookData,
        appHookData: registry.appHookData,
      });
    } catch (error) {
      this.#options.log({ level: 'error', category: 'Worker', message: `appTerminate: ${toErrorText(error)}` });
    }
    return ended;
  }

  #createHttp(): HttpServer {
    const { host, httpPort, log, keys } = this.#options;
    const { maxConcurrentRequests, maxOutstandingRequests } = host.extensions.http;
    const admin = {
      keys,
      definitions: this.#definitions,
      problems: this.#problems,
      runNow: (name: string, input: string) => this.#runNow(name, input),
    };
    return new HttpServer({
      port: httpPort,
      routes: this.#routes,
      admin,
      log,
      maxConcurrentRequests,
      maxOutstandingRequests,
    });
  }

  async #startOne(definition: FunctionDefinition): Promise<void> {
    try {
      const listener = this.#createListener(definition);
      if (!listener) return;
      this.#listeners.set(definition.name, listener);
      await listener.start();
    } catch (error) {
      this.#fail(definition.name, error instanceof Error ? error.message : String(error));
    }
  }

  #createListener(definition: FunctionDefinition): Listener | undefined {
    const context = this.#toContext(definition);
    switch (definition.type) {
      case 'eventHubTrigger':
        return new EventHubListener(context);
      case 'serviceBusTrigger':
        return new ServiceBusListener(context);
      case 'timerTrigger':
        return new TimerListener(context, this.#monitor);
      case 'httpTrigger':
        this.#routes.add(definition);
        return undefined;
    }
  }

  #toContext(definition: FunctionDefinition): ListenerContext {
    const { host, settings, log, app } = this.#options;
    const keepEmpty = /^true$/i.test(app.capabilities['IncludeEmptyEntriesInMessagePayload'] ?? '');
    return { definition, invoker: this.#invoker, host, settings, log, keepEmpty };
  }

  #runNow(name: string, input: string): boolean {
    const definition = this.#definitions.find((one) => one.name === name);
    if (!definition || definition.type === 'httpTrigger') return false;
    const listener = this.#listeners.get(name);
    const run =
      listener instanceof TimerListener
        ? listener.runNow()
        : this.#invoker.invoke({
            target: definition.target,
            trigger: { name: definition.triggerName, data: { string: input } },
            triggerMetadata: {},
            reason: 'run by an operator',
          });
    run.catch((error: unknown) =>
      this.#options.log({ level: 'error', category: `Function.${name}`, message: toErrorText(error) }),
    );
    return true;
  }

  #fail(name: string, problem: string): void {
    this.#problems[name] = problem;
    const message = `The '${name}' function is in error: ${problem}`;
    this.#options.log({ level: 'error', category: 'Host.Startup', message });
  }
}

/** Host ids keep two apps on one storage account apart; the platform cuts them at 32 characters. */
function toHostId(appDir: string): string {
  return createHash('sha256').update(appDir).digest('hex').slice(0, 32);
}

function toBodyLimit(settings: Environment): { bodyLimitBytes?: number } {
  const limit = Number(settings['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'] ?? Number.NaN);
  return Number.isSafeInteger(limit) && limit > 0 ? { bodyLimitBytes: limit } : {};
}

function within(limitMs: number, work: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    void work.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
