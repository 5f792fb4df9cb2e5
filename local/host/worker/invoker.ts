import { randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { toErrorText, type HostLog } from '../log/host-log.js';
import type { CoreInvocationContext, InvocationModel, RegisteredFunction, WorkerLogLevel } from './core-api.js';
import type { FunctionRegistry } from './function-registry.js';
import type { InvocationResponse, RpcRetryContext, RpcTypedData } from './rpc.js';

/** What a listener knows about one invocation. */
export interface Invocation {
  readonly target: RegisteredFunction;
  readonly trigger: { readonly name: string; readonly data: RpcTypedData };
  readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
  readonly reason: string;
  readonly traceParent?: string | undefined;
  readonly retryContext?: RpcRetryContext | undefined;
}

export type InvocationOutcome =
  | { readonly kind: 'succeeded'; readonly response: InvocationResponse }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface InvokerOptions {
  readonly registry: FunctionRegistry;
  readonly log: HostLog;
  /** Infinity for no limit. */
  readonly timeoutMs: number;
  /** Called when an invocation exceeds the limit. The platform then ends the worker with everything running on it. */
  readonly onTimeout: (functionName: string) => void;
}

/** Runs functions through the app's programming model, hooks included, and knows what is running. */
export class Invoker {
  readonly #options: InvokerOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  /** Run one invocation. Never rejects: what the function threw is the outcome. */
  async invoke(invocation: Invocation): Promise<InvocationOutcome> {
    const run = this.#run(invocation);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Wait until nothing runs, at most `limitMs`. True when everything ended. */
  async drain(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
    while (this.#running.size > 0) {
      const ended = await Promise.race([Promise.allSettled(this.#running).then(() => true), limit.then(() => false)]);
      if (!ended) return false;
    }
    clearTimeout(timer);
    return true;
  }

  async #run(invocation: Invocation): Promise<InvocationOutcome> {
    const { name } = invocation.target.metadata;
    const invocationId = randomUUID();
    const startedAt = performance.now();
    const line = (level: WorkerLogLevel, message: string): void =>
      this.#options.log({ level, category: `Function.${name}`, message, invocationId });
    line('information', `Executing '${name}' (${invocation.reason})`);
    const stopWatch = this.#watch(name);
    try {
      const response = await this.#call(invocation, invocationId);
      line('information', `Executed '${name}' (Succeeded, ${elapsed(startedAt)} ms)`);
      return { kind: 'succeeded', response };
    } catch (error) {
      line('error', `Executed '${name}' (Failed, ${elapsed(startedAt)} ms): ${toErrorText(error)}`);
      return { kind: 'failed', error };
    } finally {
      stopWatch();
    }
  }

  #watch(name: string): () => void {
    const { timeoutMs, onTimeout } = this.#options;
    if (!Number.isFinite(timeoutMs)) return () => undefined;
    const timer = setTimeout(() => onTimeout(name), timeoutMs);
    return () => clearTimeout(timer);
  }

  async #call(invocation: Invocation, invocationId: string): Promise<InvocationResponse> {
    const { registry } = this.#options;
    const scope: HookScope = { hookData: {}, appHookData: registry.appHookData, invocationContext: undefined };
    const core = this.#toCoreContext(invocation, invocationId, scope);
    const model = registry.model?.getInvocationModel(core);
    if (!model) throw new Error('no programming model is set; the app must import @azure/functions');
    return callWithHooks({ model, core, registry, target: invocation.target, scope });
  }

  #toCoreContext(invocation: Invocation, invocationId: string, scope: HookScope): CoreInvocationContext {
    const { target, trigger, triggerMetadata, retryContext } = invocation;
    const { name } = target.metadata;
    return {
      invocationId,
      metadata: target.metadata,
      state: 'preInvocationHooks',
      request: {
        invocationId,
        functionId: name,
        inputData: [trigger],
        triggerMetadata,
        traceContext: { traceParent: invocation.traceParent ?? newTraceParent(), traceState: '' },
        ...(retryContext ? { retryContext } : {}),
      },
      log: (level, category, message) => {
        const entry = category === 'user' ? this.#hooked({ ...scope, level, category, message }) : { level, message };
        const place = category === 'user' ? `Function.${name}.User` : `Function.${name}`;
        this.#options.log({ ...entry, category: place, invocationId });
      },
    };
  }

  /** What `log` hooks make of a line of user code. A hook that throws changes nothing, as in the platform's worker. */
  #hooked(line: HookScope & LogLine & { readonly category: string }): LogLine {
    const entry: Record<string, unknown> & LogLine = { ...line };
    try {
      this.#options.registry.runLogHooks(entry);
      return { level: entry.level, message: String(entry.message) };
    } catch (error) {
      const message = `a log hook failed: ${toErrorText(error)}`;
      this.#options.log({ level: 'warning', category: 'Worker', message });
      return { level: line.level, message: line.message };
    }
  }
}

/** What all hooks of one invocation share. */
interface HookScope {
  readonly hookData: Record<string, unknown>;
  readonly appHookData: Record<string, unknown>;
  invocationContext: unknown;
}

interface LogLine {
  readonly level: WorkerLogLevel;
  readonly message: string;
}

interface HookedCall {
  readonly model: InvocationModel;
  readonly core: CoreInvocationContext;
  readonly registry: FunctionRegistry;
  readonly target: RegisteredFunction;
  readonly scope: HookScope;
}

/** The worker's order: arguments, preInvocation hooks, the function, postInvocation hooks, response. */
async function callWithHooks({ model, core, registry, target, scope }: HookedCall): Promise<InvocationResponse> {
  const { context, inputs } = await model.getArguments();
  scope.invocationContext = context;
  const before = { ...scope, inputs, functionCallback: target.callback };
  await registry.runHooks('preInvocation', before);
  core.state = 'invocation';
  const after: { result: unknown; error: unknown } & Record<string, unknown> = {
    ...scope,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error('the function threw nothing');
  }
  core.state = 'postInvocationHooks';
  await registry.runHooks('postInvocation', after);
  if (after.error !== null && after.error !== undefined) throw toError(after.error);
  return model.getResponse(context, after.result);
}

function elapsed(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}

function newTraceParent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
