/**
 * A fault of the infrastructure (throttled, timed out, gone): the same call may succeed later.
 * Everything the adapters throw that is worth a retry is one of these, with the cause attached.
 */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
}

/** A call that will never succeed as it stands (too large, refused, misconfigured); trying again is pointless. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}
