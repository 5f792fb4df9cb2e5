import { toErrorText, type HostLog } from './log/host-log.js';

/** How long running invocations may take to end after a stop was asked for. */
const DRAIN_LIMIT_MS = 15_000;
const EXTRA_MS = 2_000;

type Stop = (limitMs: number) => Promise<boolean>;

/** The life of the host's process: signals, the parent's death, errors nobody caught. */
export interface ProcessGuard {
  /** What to run before the process ends. */
  stopWith(stop: Stop): void;
  /** An invocation outlived its limit: the process ends with everything on it, as a worker does. */
  readonly onTimeout: (functionName: string) => void;
}

/** Watch the process. SIGTERM, SIGINT and the loss of the parent's channel stop it gracefully, once. */
export function watchProcess(log: HostLog): ProcessGuard {
  let stop: Stop = () => Promise.resolve(true);
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), DRAIN_LIMIT_MS + EXTRA_MS).unref();
    const clean = await stop(DRAIN_LIMIT_MS);
    process.exit(clean ? 0 : 1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  if (process.channel) process.on('disconnect', () => void end());
  const die = (what: string, error: unknown): void => {
    if (ending) return;
    log({ level: 'critical', category: 'Worker', message: `${what}, the worker ends: ${toErrorText(error)}` });
    process.exit(1);
  };
  process.on('uncaughtException', (error) => die('uncaught exception', error));
  process.on('unhandledRejection', (reason) => {
    if (isReceiverRejection(reason)) {
      log({ level: 'warning', category: 'Host.General', message: `connection lost: ${toErrorText(reason)}` });
    } else die('unhandled rejection', reason);
  });
  return {
    stopWith: (next) => {
      stop = next;
    },
    onTimeout: (name) => die(`timeout of function "${name}"`, new Error('functionTimeout of host.json is exceeded')),
  };
}

/**
 * The Service Bus client rejects one promise of its own when a socket drops during a receive. On the platform that
 * client lives outside the worker, so here it must not end the app.
 */
function isReceiverRejection(reason: unknown): boolean {
  if (!(reason instanceof Error) || !reason.stack) return false;
  const frames = reason.stack.split('\n').filter((line) => /^\s+at .*[/\\]/.test(line) && !line.includes('node:'));
  return (
    frames.length > 0 &&
    frames.every((line) => /node_modules[/\\](@azure[/\\](service-bus|core-amqp|event-hubs)|rhea)/.test(line))
  );
}
