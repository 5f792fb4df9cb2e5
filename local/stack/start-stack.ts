import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOrCreateKeys, type Keys } from '../host/http/keys.js';
import { type AzuriteResource, azuriteResource, toStorageConnection } from './azurite.js';
import { brokerResource, toMessagingConnection, type BrokerResource } from './broker.js';
import { lockData } from './data-lock.js';
import { functionsHostResource, type FunctionsHostResource } from './functions-host.js';
import { settlePorts } from './ports.js';
import { parallel, sequence, type Health, type Resource } from './resource.js';

/** Where the parts of a running stack answer. */
export interface StackEndpoints {
  /** Connection string for the Event Hubs and Service Bus SDKs. */
  readonly amqp: string;
  /** The broker's management requests over HTTP. */
  readonly adminUrl: string;
  /** Connection string of the storage account: blobs, queues and tables. */
  readonly storage: string;
  readonly httpUrl: string;
  readonly keys: Keys;
}

/** 0, and leaving out, take any free port. */
export interface StackPorts {
  readonly amqp?: number;
  readonly admin?: number;
  readonly blob?: number;
  readonly queue?: number;
  readonly table?: number;
  readonly http?: number;
}

export type StackEvent =
  | { readonly kind: 'starting' | 'up' | 'stopping' | 'down'; readonly resource: string; readonly tookMs?: number }
  | { readonly kind: 'output'; readonly resource: string; readonly line: string }
  | { readonly kind: 'warning'; readonly message: string };

type Settings = Readonly<Record<string, string>>;

export interface StackOptions {
  /** Folder with host.json and package.json. */
  readonly appDir: string;
  /** Where data, keys and logs live. Without it everything is temporary. */
  readonly dataDir?: string;
  readonly ports?: StackPorts;
  /** Hubs, queues and topics, in the form the broker reads. */
  readonly entities: unknown;
  /** Settings for the app, beside the connections `EVENTHUB`, `SERVICEBUS` and `AzureWebJobsStorage`. */
  readonly settings?: Settings | ((endpoints: StackEndpoints) => Settings);
  readonly onProgress?: (event: StackEvent) => void;
  /** Report every line of the children's output as an event. */
  readonly verbose?: boolean;
}

export interface Stack {
  readonly endpoints: StackEndpoints;
  readonly host: Pick<FunctionsHostResource, 'pid' | 'inError' | 'kill' | 'restart'>;
  readonly broker: Pick<BrokerResource, 'pid' | 'kill' | 'restart'>;
  readonly storage: Pick<AzuriteResource, 'pid' | 'kill' | 'restart'>;
  healthCheck(): Promise<Health>;
  /** Take everything down, the functions first. */
  stop(): Promise<void>;
}

/**
 * Start storage, broker and functions host, and wait until all of them answer.
 *
 * @throws Error naming the option when a port is taken, the process when the data folder is in use, or showing the last
 * lines of the part that did not come up
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const ownFolder = options.dataDir === undefined ? await mkdtemp(path.join(tmpdir(), 'stack-')) : undefined;
  const home = path.resolve(options.dataDir ?? ownFolder ?? '.');
  const lock = await lockData(home);
  const cleanUp = async (): Promise<void> => {
    await lock.release();
    if (ownFolder !== undefined) await rm(ownFolder, { recursive: true, force: true });
  };
  try {
    const parts = await buildParts(options, home);
    await parts.tree.up();
    const stop = async (): Promise<void> => {
      await parts.tree.down();
      await cleanUp();
    };
    const { endpoints, host, broker, storage, tree } = parts;
    return { endpoints, host, broker, storage, stop, healthCheck: () => tree.healthCheck() };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

interface Parts {
  readonly endpoints: StackEndpoints;
  readonly host: FunctionsHostResource;
  readonly broker: BrokerResource;
  readonly storage: AzuriteResource;
  readonly tree: Resource;
}

async function buildParts(options: StackOptions, home: string): Promise<Parts> {
  const ports = await settleAll(options.ports ?? {});
  const keysFile = path.join(home, 'keys.json');
  const endpoints = toEndpoints(ports, await readOrCreateKeys(keysFile));
  const report = options.onProgress ?? (() => undefined);
  const shared = {
    dataDir: options.dataDir === undefined ? undefined : home,
    logDir: path.join(home, 'logs'),
    onOutput: options.verbose
      ? (resource: string, line: string) => report({ kind: 'output', resource, line })
      : undefined,
  };
  const storage = azuriteResource({ ...shared, ports: { blob: ports.blob, queue: ports.queue, table: ports.table } });
  const broker = brokerResource({
    ...shared,
    amqpPort: ports.amqp,
    adminPort: ports.admin,
    entities: options.entities,
  });
  const host = functionsHostResource({
    ...shared,
    appDir: path.resolve(options.appDir),
    httpPort: ports.http,
    keysFile,
    settings: toSettings(options.settings, endpoints),
    onCrash: (message) => report({ kind: 'warning', message }),
  });
  const told = (resource: Resource): Resource => withProgress(resource, report);
  const tree = sequence('stack', [parallel('storage and messaging', [told(storage), told(broker)]), told(host)]);
  return { endpoints, host, broker, storage, tree };
}

function settleAll(ports: StackPorts): Promise<Record<'amqp' | 'admin' | 'blob' | 'queue' | 'table' | 'http', number>> {
  const wish = (name: keyof StackPorts): { option: string; port: number } => ({
    option: `--${name}-port`,
    port: ports[name] ?? 0,
  });
  return settlePorts({
    amqp: wish('amqp'),
    admin: wish('admin'),
    blob: wish('blob'),
    queue: wish('queue'),
    table: wish('table'),
    http: wish('http'),
  });
}

function toEndpoints(ports: Awaited<ReturnType<typeof settleAll>>, keys: Keys): StackEndpoints {
  return {
    amqp: toMessagingConnection(ports.amqp),
    adminUrl: `http://127.0.0.1:${ports.admin}`,
    storage: toStorageConnection(ports),
    httpUrl: `http://127.0.0.1:${ports.http}`,
    keys,
  };
}

function toSettings(own: StackOptions['settings'], endpoints: StackEndpoints): Settings {
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage: endpoints.storage,
    EVENTHUB: endpoints.amqp,
    SERVICEBUS: endpoints.amqp,
    ...(typeof own === 'function' ? own(endpoints) : own),
  };
}

function withProgress(resource: Resource, report: (event: StackEvent) => void): Resource {
  const told = async (
    before: 'starting' | 'stopping',
    after: 'up' | 'down',
    run: () => Promise<void>,
  ): Promise<void> => {
    const startedAt = Date.now();
    report({ kind: before, resource: resource.name });
    await run();
    report({ kind: after, resource: resource.name, tookMs: Date.now() - startedAt });
  };
  return {
    name: resource.name,
    up: () => told('starting', 'up', () => resource.up()),
    down: () => told('stopping', 'down', () => resource.down()),
    healthCheck: () => resource.healthCheck(),
  };
}
