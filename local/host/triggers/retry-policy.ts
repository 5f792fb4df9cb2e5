import { toErrorText } from '../log/host-log.js';
import type { Invocation, InvocationOutcome, Invoker } from '../worker/invoker.js';
import type { RpcDuration, RpcRetryContext, RpcRetryOptions } from '../worker/rpc.js';

/** A function-level retry policy. `maxRetryCount` -1 retries for ever. Intervals are whole seconds, as on the platform. */
export type RetryPolicy =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly maxRetryCount: number; readonly delayMs: number }
  | {
      readonly kind: 'exponential';
      readonly maxRetryCount: number;
      readonly minimumMs: number;
      readonly maximumMs: number;
    };

/** Read the policy that the library registered. @throws Error when the strategy is unknown */
export function toRetryPolicy(options: RpcRetryOptions | undefined): RetryPolicy {
  if (!options) return { kind: 'none' };
  const maxRetryCount = options.maxRetryCount ?? 0;
  switch (options.retryStrategy) {
    case 'fixedDelay':
      return { kind: 'fixed', maxRetryCount, delayMs: toMs(options.delayInterval) };
    case 'exponentialBackoff': {
      const minimumMs = toMs(options.minimumInterval);
      return { kind: 'exponential', maxRetryCount, minimumMs, maximumMs: toMs(options.maximumInterval) };
    }
    default:
      throw new Error(`retry strategy "${String(options.retryStrategy)}" is unknown`);
  }
}

function toMs(duration: RpcDuration | undefined): number {
  return (duration?.seconds ?? 0) * 1000;
}

/** Milliseconds to wait before retry number `retry` (1 is the first). Exponential delays carry ±20 % of chance. */
export function toDelayMs(policy: RetryPolicy, retry: number, chance: number): number {
  switch (policy.kind) {
    case 'none':
      return 0;
    case 'fixed':
      return policy.delayMs;
    case 'exponential': {
      const growth = retry > 1 ? (0.8 + 0.4 * chance) * 2 ** Math.min(retry - 2, 30) * policy.minimumMs : 0;
      return Math.min(policy.minimumMs + growth, Math.max(policy.maximumMs, policy.minimumMs));
    }
  }
}

export type RetriedOutcome = InvocationOutcome | { readonly kind: 'stopped' };

/**
 * Invoke until success or until the policy ends. The count lives in memory only.
 *
 * `stopped`: the signal ended the wait between two attempts.
 */
export async function invokeWithRetry(
  invoker: Invoker,
  invocation: Invocation,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<RetriedOutcome> {
  let retryContext: RpcRetryContext | undefined;
  for (let retry = 1; ; retry += 1) {
    const outcome = await invoker.invoke(retryContext ? { ...invocation, retryContext } : invocation);
    if (outcome.kind === 'succeeded' || policy.kind === 'none') return outcome;
    if (policy.maxRetryCount >= 0 && retry > policy.maxRetryCount) return outcome;
    if (!(await pause(toDelayMs(policy, retry, Math.random()), signal))) return { kind: 'stopped' };
    retryContext = { retryCount: retry, maxRetryCount: policy.maxRetryCount, exception: toException(outcome.error) };
  }
}

function toException(error: unknown): NonNullable<RpcRetryContext['exception']> {
  const message = error instanceof Error ? error.message : String(error);
  return { message, source: '', stackTrace: toErrorText(error) };
}

/** Wait; false when the signal came first. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const finish = (value: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(value);
    };
    const onAbort = (): void => finish(false);
    const timer = setTimeout(() => finish(true), ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
