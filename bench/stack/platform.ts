import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { TableClient } from '@azure/data-tables';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toAppSettings, toEntities } from '../../cli/start/entities.js';
import { readOrCreateKeys } from '../../local/host/http/keys.js';
import { azuriteResource, toStorageConnection } from '../../local/stack/azurite.js';
import { brokerResource, toMessagingConnection } from '../../local/stack/broker.js';
import { functionsHostResource, type FunctionsHostResource } from '../../local/stack/functions-host.js';
import { settlePorts } from '../../local/stack/ports.js';
import { openConsumerChannels, openStores } from '../../shared/adapters/open-adapters.js';
import { toChannelName } from '../../shared/adapters/service-bus/consumer-channels.js';
import { parseSettings, type Settings } from '../../shared/config/settings.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { applyRegistry } from '../../shared/pipeline/apply-registry.js';
import { consumers, portCount, toRegistry } from '../workload.js';
import { floor } from './floor.js';

/** A way from a hub to consumers: where events go in, and where they come out. */
export interface Route {
  readonly name: 'outport' | 'pass-through';
  readonly hub: string;
  readonly outlets: readonly { readonly topic: string; readonly subscription: string }[];
  /** Folder with host.json and package.json of the functions app. */
  readonly appDir: string;
}

/** One broker and one Azurite for every app that is measured. */
export interface Platform {
  readonly messaging: string;
  readonly settings: Settings;
  readonly routes: Readonly<Record<Route['name'], Route>>;
  startApp(route: Route): Promise<FunctionsHostResource>;
  stop(): Promise<void>;
}

const packageDir = path.resolve(import.meta.dirname, '..', '..', '..');

/** What the servers keep, and what is in force. */
export interface PlatformOptions {
  /** In force at the start; without it each port has one subscription. */
  readonly registry?: RegistryDocument;
  /** Keep data in files, as `npm start` does; without it Azurite keeps rows in memory, the broker a journal for the run. */
  readonly onDisk?: boolean;
  /** Most memory for Azurite's rows, in megabytes. */
  readonly azuriteHeapMb?: number;
}

/** Start broker and storage, and put the bench registry in force. */
export async function startPlatform({ registry, onDisk, azuriteHeapMb }: PlatformOptions = {}): Promise<Platform> {
  const home = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const wish = { option: 'port', port: 0 };
  const ports = await settlePorts({ amqp: wish, admin: wish, blob: wish, queue: wish, table: wish });
  const storage = toStorageConnection(ports);
  const messaging = toMessagingConnection(ports.amqp);
  const connections = {
    EVENTHUB: messaging,
    SERVICEBUS: messaging,
    SERVICEBUS_ADMIN_URL: `http://127.0.0.1:${ports.admin}`,
    OUTPORT_TABLES: storage,
  };
  const settings = parseSettings(connections);
  const dataDir = onDisk ? path.join(home, 'data') : undefined;
  if (dataDir !== undefined) await mkdir(path.join(dataDir, 'broker'), { recursive: true });
  const silent = { logDir: undefined, onOutput: undefined, dataDir };
  const storagePorts = { blob: ports.blob, queue: ports.queue, table: ports.table };
  const azurite = azuriteResource({ ...silent, heapMb: azuriteHeapMb, ports: storagePorts });
  const entities = withFloor(toEntities(settings)); // the form the embedded broker reads
  const broker = brokerResource({ ...silent, amqpPort: ports.amqp, adminPort: ports.admin, entities });
  await Promise.all([azurite.up(), broker.up()]);
  await putRegistryInForce(settings, registry ?? toRegistry(portCount));
  await TableClient.fromConnectionString(storage, floor.table, { allowInsecureConnection: true }).createTable();
  const keysFile = path.join(home, 'keys.json');
  await readOrCreateKeys(keysFile);
  return {
    messaging,
    settings,
    routes: { outport: toOutportRoute(settings), 'pass-through': await toFloorRoute(path.join(home, 'pass-through')) },
    startApp: async (route) => {
      const { http } = await settlePorts({ http: wish });
      const app = { ...toAppSettings(settings), ...connections, FUNCTIONS_WORKER_RUNTIME: 'node' };
      const host = functionsHostResource({
        ...silent,
        appDir: route.appDir,
        httpPort: http,
        keysFile,
        settings: { ...app, AzureWebJobsStorage: storage },
        onCrash: (message) => process.stderr.write(`${route.name}: ${message}\n`),
      });
      await host.up();
      return host;
    },
    stop: async () => {
      await Promise.all([azurite.down(), broker.down()]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

interface Entities {
  readonly hubs: readonly { readonly name: string; readonly partitionCount: number }[];
  readonly topics: readonly { readonly name: string }[];
}

function withFloor(entities: Entities): unknown {
  const [hub] = entities.hubs;
  const [topic] = entities.topics;
  return {
    ...entities,
    hubs: [...entities.hubs, { ...hub, name: floor.hub }],
    topics: [...entities.topics, { ...topic, name: floor.topic, subscriptions: [{ name: 'all' }] }],
  };
}

async function putRegistryInForce(settings: Settings, registry: RegistryDocument): Promise<void> {
  const stores = openStores(settings);
  await stores.ensureTables();
  const channels = openConsumerChannels(settings);
  const deps = { ...stores, channels, clock: { nowMs: () => Date.now() } };
  const outcome = await applyRegistry(registry, { actor: 'bench' }, deps);
  if (outcome.kind !== 'applied') throw new Error(`the bench registry was ${outcome.kind}`);
}

function toOutportRoute({ hub, topic }: Settings): Route {
  const outlets = consumers.map((consumer) => ({ topic, subscription: toChannelName(consumer) }));
  return { name: 'outport', hub, outlets, appDir: packageDir };
}

/** The pass-through app: host.json as ours, its one function from this build. */
async function toFloorRoute(appDir: string): Promise<Route> {
  await mkdir(appDir);
  await copyFile(path.join(packageDir, 'host.json'), path.join(appDir, 'host.json'));
  const main = path.relative(appDir, path.join(import.meta.dirname, 'pass-through', 'main.js'));
  await writeFile(path.join(appDir, 'package.json'), JSON.stringify({ type: 'module', main }));
  return { name: 'pass-through', hub: floor.hub, outlets: [{ topic: floor.topic, subscription: 'all' }], appDir };
}
