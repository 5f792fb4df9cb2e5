import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ChildProgram } from './child-program.js';
import { azuriteProgram, ownProgram } from './programs.js';
import type { Health, Resource } from './resource.js';

const ACCOUNT = 'devstoreaccount1';
/** The emulator's public, documented key. */
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
/** It reads all its rows before it answers. */
const READY_TIMEOUT_MS = 180_000;
const GRACE_MS = 10_000;

export interface StoragePorts {
  readonly blob: number;
  readonly queue: number;
  readonly table: number;
}

export interface AzuriteOptions {
  readonly ports: StoragePorts;
  /** Where data is kept; undefined keeps it in memory. */
  readonly dataDir: string | undefined;
  /** Most memory for its rows, in megabytes; Node's own limit by default. */
  readonly heapMb?: number | undefined;
  readonly logDir: string | undefined;
  readonly onOutput: ((name: string, line: string) => void) | undefined;
}

/** The connection string of the storage account on these ports. */
export function toStorageConnection(ports: StoragePorts): string {
  const url = (port: number): string => `http://127.0.0.1:${port}/${ACCOUNT}`;
  return (
    `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};` +
    `BlobEndpoint=${url(ports.blob)};QueueEndpoint=${url(ports.queue)};TableEndpoint=${url(ports.table)};`
  );
}

/** Azurite as a child process, restartable on the same ports and data. Up means: every service answers as Azurite. */
export interface AzuriteResource extends Resource {
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
}

/** Describe Azurite; nothing starts before `up`. */
export function azuriteResource(options: AzuriteOptions): AzuriteResource {
  const { ports, dataDir, heapMb, logDir, onOutput } = options;
  const program = new ChildProgram({
    name: 'azurite',
    script: azuriteProgram(),
    imports: [pathToFileURL(ownProgram('azurite/main.js')).href],
    args: toArgs(ports, dataDir),
    ...(heapMb !== undefined && { nodeArgs: [`--max-old-space-size=${heapMb}`] }),
    logDir,
    onOutput,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
  const checkAll = async (): Promise<Health> => {
    if (!program.running) return { kind: 'down' };
    const reasons = await Promise.all(Object.values(ports).map((port: number) => check(port)));
    const reason = reasons.find((one) => one !== undefined);
    return reason === undefined ? { kind: 'up' } : { kind: 'failing', reason };
  };
  const up = async (): Promise<void> => {
    await program.start((line) => (/Table service is successfully listening/.test(line) ? true : undefined));
    const health = await checkAll();
    if (health.kind === 'up') return;
    throw new Error(`azurite does not answer: ${health.kind === 'failing' ? health.reason : 'it ended'}`);
  };
  const down = (): Promise<void> => program.stop(GRACE_MS);
  return {
    name: 'azurite',
    get pid() {
      return program.pid;
    },
    up,
    down,
    kill: (signal) => program.kill(signal),
    restart: async () => {
      await down();
      await up();
    },
    healthCheck: checkAll,
  };
}

function toArgs(ports: StoragePorts, dataDir: string | undefined): string[] {
  const storage = dataDir === undefined ? ['--inMemoryPersistence'] : ['--location', path.join(dataDir, 'azurite')];
  const services = Object.entries(ports).flatMap(([service, port]) => [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    String(port),
  ]);
  return ['--silent', '--skipApiVersionCheck', '--disableTelemetry', ...services, ...storage];
}

/** Undefined when Azurite answers on this port, else what is wrong. */
async function check(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/${ACCOUNT}?comp=list`, {
      signal: AbortSignal.timeout(5000),
    });
    await response.arrayBuffer();
    const server = response.headers.get('server') ?? '';
    return server.startsWith('Azurite') ? undefined : `port ${port} is answered by "${server}", not by Azurite`;
  } catch (error) {
    return `port ${port}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
