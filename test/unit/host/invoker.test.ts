import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../local/host/log/host-log.js';
import type { CoreInvocationContext, HookCallback } from '../../../local/host/worker/core-api.js';
import { FunctionRegistry } from '../../../local/host/worker/function-registry.js';
import { Invoker } from '../../../local/host/worker/invoker.js';

/** Run one function that logs a user line and a system line, with hooks registered as an app does. */
async function runWith(hooks: Record<string, HookCallback>): Promise<{ lines: LogEntry[]; kind: string }> {
  const registry = new FunctionRegistry();
  const api = registry.toCoreApi(() => undefined);
  for (const [name, hook] of Object.entries(hooks)) api.registerHook(name, hook);
  const callback = (core: unknown): void => {
    const { log } = core as CoreInvocationContext; // The model below passes its own context on.
    log('information', 'user', 'from user code');
    log('information', 'system', 'from the library');
  };
  api.setProgrammingModel({
    name: 'test',
    version: '1',
    getInvocationModel: (core) => ({
      getArguments: () => Promise.resolve({ context: core, inputs: [] }),
      invokeFunction: (context, inputs, run) => Promise.resolve(run(context, ...inputs)),
      getResponse: () => Promise.resolve({}),
    }),
  });
  const lines: LogEntry[] = [];
  const invoker = new Invoker({
    registry,
    log: (entry) => void lines.push(entry),
    timeoutMs: Infinity,
    onTimeout: () => undefined,
  });
  const { kind } = await invoker.invoke({
    target: { metadata: { name: 'f', bindings: {} }, callback },
    trigger: { name: 'input', data: {} },
    triggerMetadata: {},
    reason: 'test',
  });
  return { lines, kind };
}

describe('An invocation', () => {
  const find = (lines: readonly LogEntry[], text: string): LogEntry | undefined =>
    lines.find(({ message }) => message.includes(text));

  it('lets log hooks change level and message of user code, not of the library', async () => {
    const { lines } = await runWith({
      log: (context) => {
        context['level'] = 'warning';
        context['message'] = `changed: ${String(context['message'])}`;
      },
    });
    expect(find(lines, 'user code')).toMatchObject({
      level: 'warning',
      message: 'changed: from user code',
      category: 'Function.f.User',
    });
    expect(find(lines, 'library')).toMatchObject({ level: 'information', message: 'from the library' });
  });

  it('shows its log hooks the data of the other hooks and its context', async () => {
    const seen: unknown[] = [];
    await runWith({
      preInvocation: ({ hookData }) => Object.assign(hookData as object, { started: true }),
      log: ({ hookData, invocationContext }) => seen.push(hookData, invocationContext),
    });
    expect(seen).toEqual([{ started: true }, expect.objectContaining({ metadata: { name: 'f', bindings: {} } })]);
  });

  it('logs a line as it was when a log hook throws, and says so', async () => {
    const { lines, kind } = await runWith({
      log: (context) => {
        context['message'] = 'half done';
        throw new Error('on purpose');
      },
    });
    expect(kind).toBe('succeeded');
    expect(find(lines, 'from user code')).toMatchObject({ level: 'information' });
    expect(find(lines, 'a log hook failed: Error: on purpose')).toBeDefined();
  });
});
