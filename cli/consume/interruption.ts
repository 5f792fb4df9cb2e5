/** Ends a command: on Ctrl-C, on termination, or when its time is over. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Give the signals back; a second Ctrl-C then ends the process at once. */
  dispose(): void;
}

/** Listen for the end; the first Ctrl-C asks, the second one does not. */
export function untilInterrupted(timeoutSeconds?: number): Interruption {
  const controller = new AbortController();
  const dispose = (): void => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    clearTimeout(timer);
  };
  const end = (): void => {
    dispose();
    controller.abort();
  };
  const timer = timeoutSeconds === undefined ? undefined : setTimeout(end, timeoutSeconds * 1_000);
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return { signal: controller.signal, dispose };
}
