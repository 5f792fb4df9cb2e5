import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ChildProgram } from './child-program.js';
import { ownProgram } from './programs.js';
import { readReadyLine } from './ready-line.js';
import type { Health, Resource } from './resource.js';

const READY_TIMEOUT_MS = 30_000;
const GRACE_MS = 10_000;

export interface BrokerOptions {
  readonly amqpPort: number;
  readonly adminPort: number;
  /** Hubs, queues and topics, in the form the broker reads. */
  readonly entities: unknown;
  readonly dataDir: string | undefined;
  readonly logDir: string | undefined;
  readonly onOutput: ((name: string, line: string) => void) | undefined;
}

/** The connection string for both messaging SDKs. */
export function toMessagingConnection(amqpPort: number): string {
  return (
    `Endpoint=sb://127.0.0.1:${amqpPort};SharedAccessKeyName=RootManageSharedAccessKey;` +
    'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;'
  );
}

/** The messaging broker as a child process, restartable on the same ports and data. */
export interface BrokerResource extends Resource {
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
}

/** Describe the broker; nothing starts before `up`. */
export function brokerResource(options: BrokerOptions): BrokerResource {
  let program: ChildProgram | undefined;
  let ownFolder: string | undefined;
  const up = async (): Promise<void> => {
    ownFolder ??= options.dataDir === undefined ? await mkdtemp(path.join(tmpdir(), 'broker-')) : undefined;
    const folder = options.dataDir === undefined ? (ownFolder ?? '') : path.join(options.dataDir, 'broker');
    program ??= toProgram(await writeConfig(folder, options), options);
    await program.start(readReadyLine);
  };
  const down = async (): Promise<void> => {
    await program?.stop(GRACE_MS);
    if (ownFolder !== undefined) await rm(ownFolder, { recursive: true, force: true });
    ownFolder = undefined;
  };
  return {
    name: 'broker',
    get pid() {
      return program?.pid;
    },
    up,
    down,
    kill: async (signal) => program?.kill(signal),
    restart: async () => {
      await program?.stop(GRACE_MS);
      await up();
    },
    healthCheck: async () => (program?.running ? checkPort(options.amqpPort) : { kind: 'down' }),
  };
}

async function writeConfig(folder: string, options: BrokerOptions): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'broker.json');
  const { amqpPort, adminPort, entities } = options;
  const dataDir = path.join(folder, 'data');
  await writeFile(file, JSON.stringify({ host: '127.0.0.1', amqpPort, adminPort, dataDir, entities }, null, 2));
  return file;
}

function toProgram(configFile: string, { logDir, onOutput }: BrokerOptions): ChildProgram {
  return new ChildProgram({
    name: 'broker',
    script: ownProgram('broker/main.js'),
    args: ['--config', configFile],
    logDir,
    onOutput,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
}

function checkPort(port: number): Promise<Health> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const finish = (health: Health): void => {
      socket.destroy();
      resolve(health);
    };
    socket.once('connect', () => finish({ kind: 'up' }));
    socket.once('error', (error) => finish({ kind: 'failing', reason: error.message }));
  });
}
