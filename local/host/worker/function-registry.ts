import {
  Disposable,
  type CoreApi,
  type HookCallback,
  type HookName,
  type ProgrammingModel,
  type RegisteredFunction,
  type WorkerLog,
} from './core-api.js';

const HOOKS: readonly HookName[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];
const HOST_VERSION = '4.1052.200';
const WORKER_VERSION = '3.14.1';

/** Collects what the app registers while it loads, and refuses registrations after that. */
export class FunctionRegistry {
  readonly functions = new Map<string, RegisteredFunction>();
  /** Shared by all hooks. */
  readonly appHookData: Record<string, unknown> = {};
  /** Shared by `appStart` and `appTerminate` alone. */
  readonly appLevelHookData: Record<string, unknown> = {};
  readonly #hooks = new Map<HookName, HookCallback[]>(HOOKS.map((name) => [name, []]));
  #model: ProgrammingModel | undefined;
  #locked = false;

  /** End of loading: from now on `registerFunction` throws. */
  lock(): void {
    this.#locked = true;
  }

  get model(): ProgrammingModel | undefined {
    return this.#model;
  }

  /** Run the hooks of one kind, in the order of registration. @throws what a hook throws */
  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const hook of [...(this.#hooks.get(name) ?? [])]) await hook(context);
  }

  /** Run the `log` hooks, which are synchronous: they may change level and message. @throws what a hook throws */
  runLogHooks(context: Record<string, unknown>): void {
    for (const hook of this.#hooks.get('log') ?? []) hook(context);
  }

  /** The object that `require('@azure/functions-core')` gives to the app's library. */
  toCoreApi(log: WorkerLog): CoreApi {
    return {
      version: WORKER_VERSION,
      hostVersion: HOST_VERSION,
      workerVersion: WORKER_VERSION,
      registerFunction: (metadata, callback) => this.#register({ metadata, callback }),
      registerHook: (name, callback) => this.#registerHook(name, callback),
      setProgrammingModel: (model) => {
        if (this.#locked) throw new Error('The programming model can only be set while the app loads.');
        this.#model = model;
      },
      getProgrammingModel: () => this.#model,
      log,
      Disposable,
    };
  }

  #register(registered: RegisteredFunction): Disposable {
    const { name } = registered.metadata;
    if (this.#locked) throw new Error(`Function "${name}" is registered too late: register it while the app loads.`);
    if (this.functions.has(name)) throw new Error(`A function with name "${name}" has already been registered.`);
    this.functions.set(name, registered);
    return new Disposable(() => {
      if (this.#locked) throw new Error(`Function "${name}" can only be disposed while the app loads.`);
      this.functions.delete(name);
    });
  }

  #registerHook(name: string, callback: HookCallback): Disposable {
    const hooks = this.#hooks.get(name as HookName); // The map answers undefined for any other name.
    if (!hooks) throw new RangeError(`Unrecognized hook "${name}"`);
    hooks.push(callback);
    return new Disposable(() => {
      const index = hooks.indexOf(callback);
      if (index >= 0) hooks.splice(index, 1);
    });
  }
}
