import { RetryableError, TerminalError } from '../ports/errors.js';

/** HTTP statuses after which the same request may succeed later. */
const retryableStatuses = new Set([408, 429, 500, 502, 503, 504]);

interface Described {
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly retryable?: unknown;
  readonly errors?: unknown;
  readonly message?: unknown;
}

/**
 * Translate what an Azure client threw into what the caller must do. An error that says nothing about itself (a socket
 * that died, an aggregate of retries) counts as retryable: waiting is safe, giving up is not.
 */
export function toPortError(error: unknown, doing: string): RetryableError | TerminalError {
  if (error instanceof RetryableError || error instanceof TerminalError) return error;
  const described: Described = typeof error === 'object' && error !== null ? error : {};
  const message = `${doing}: ${typeof described.message === 'string' ? described.message.slice(0, 500) : String(error)}`;
  return isTerminal(described)
    ? new TerminalError(message, { cause: error })
    : new RetryableError(message, { cause: error });
}

function isTerminal({ statusCode, retryable, code, errors }: Described): boolean {
  if (typeof statusCode === 'number') return !retryableStatuses.has(statusCode);
  if (Array.isArray(errors)) return errors.length > 0 && errors.every((each: Described) => isTerminal(each));
  // Everything else of the AMQP stack can pass: full queues drain, disabled entities are enabled again.
  return retryable === false && code === 'MessageSizeExceeded';
}

/** Run an adapter call and translate what it throws. @throws RetryableError | TerminalError */
export async function translating<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toPortError(error, doing);
  }
}
