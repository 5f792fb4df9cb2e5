import { ChildProgram } from './child-program.js';
import { ownProgram } from './programs.js';
import { readReadyLine } from './ready-line.js';
import type { Health, Resource } from './resource.js';

const READY_TIMEOUT_MS = 30_000;
const GRACE_MS = 20_000;
const RESTART_PAUSE_MS = 500;
const QUICK_EXITS = 3;
const QUICK_WINDOW_MS = 30_000;

export interface FunctionsHostOptions {
  readonly appDir: string;
  readonly httpPort: number;
  readonly keysFile: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly logDir: string | undefined;
  readonly onOutput: ((name: string, line: string) => void) | undefined;
  /** Told when the host ended by itself and whether it is started again. */
  readonly onCrash: (message: string) => void;
}

/** The functions host as a child process. Like the platform it starts a worker that died again. */
export interface FunctionsHostResource extends Resource {
  readonly pid: number | undefined;
  /** The functions that could not be started, with the reason. */
  readonly inError: Readonly<Record<string, string>>;
  kill(signal: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
}

/** Describe the host; nothing starts before `up`. */
export function functionsHostResource(options: FunctionsHostOptions): FunctionsHostResource {
  let inError: Readonly<Record<string, string>> = {};
  let wanted = false;
  const exits: number[] = [];
  const program = toProgram(options);
  const start = async (): Promise<void> => {
    const ready = await program.start(readReadyLine);
    inError = toTexts(ready['inError']);
  };
  const revive = async (): Promise<void> => {
    if (!wanted) return;
    exits.push(Date.now());
    const quick = exits.filter((time) => Date.now() - time < QUICK_WINDOW_MS).length;
    const lines = program.lastLines.slice(-5).join('\n');
    if (quick > QUICK_EXITS) return options.onCrash(`the functions host keeps ending and stays down:\n${lines}`);
    options.onCrash(`the functions host ended and is started again:\n${lines}`);
    await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
    if (wanted && !program.running) await start();
  };
  program.onUnexpectedExit(() => {
    revive().catch((error: unknown) => options.onCrash(error instanceof Error ? error.message : String(error)));
  });
  const up = async (): Promise<void> => {
    await start();
    wanted = true;
  };
  const stop = async (end: () => Promise<void>): Promise<void> => {
    wanted = false;
    await end();
  };
  return {
    name: 'functions host',
    get pid() {
      return program.pid;
    },
    get inError() {
      return inError;
    },
    up,
    down: () => stop(() => program.stop(GRACE_MS)),
    kill: (signal) => stop(() => program.kill(signal)),
    restart: async () => {
      await stop(() => program.stop(GRACE_MS));
      await up();
    },
    healthCheck: async () => (program.running ? check(options.httpPort) : { kind: 'down' }),
  };
}

function toProgram(options: FunctionsHostOptions): ChildProgram {
  const { appDir, httpPort, keysFile, settings, logDir, onOutput } = options;
  return new ChildProgram({
    name: 'functions-host',
    script: ownProgram('host/main.js'),
    args: ['--app', appDir, '--http-port', String(httpPort), '--keys', keysFile],
    env: settings,
    logDir,
    onOutput,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
}

function toTexts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, problem]) => [name, String(problem)]));
}

async function check(port: number): Promise<Health> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/admin/host/ping`, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.ok ? { kind: 'up' } : { kind: 'failing', reason: `ping answers ${response.status}` };
  } catch (error) {
    return { kind: 'failing', reason: error instanceof Error ? error.message : String(error) };
  }
}
