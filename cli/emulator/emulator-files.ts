import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toEntities } from '../../shared/config/entities.js';
import { parseSettings } from '../../shared/config/settings.js';
import { toConsumers } from '../../shared/domain/registry/plan.js';
import { findPackageDir } from '../package-dir.js';
import { loadRegistry } from '../registry/registry-files.js';
import { toEventHubsConfig } from './event-hubs-config.js';
import { toServiceBusConfig } from './service-bus-config.js';

/** Where the emulators of docker-compose.yaml answer on this machine. */
const connections = {
  EVENTHUB: toConnection('localhost'),
  SERVICEBUS: toConnection('localhost:5673'),
  SERVICEBUS_ADMIN_URL: 'http://localhost:5301',
};

function toConnection(host: string): string {
  return `Endpoint=sb://${host};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`;
}

/** The files under `infra/emulators`, by name: both emulators' configuration, and settings for `func start`. */
export async function createEmulatorFiles(registryDir?: string): Promise<Record<string, string>> {
  const root = findPackageDir();
  const sample: unknown = JSON.parse(await readFile(join(root, 'local.settings.sample.json'), 'utf8'));
  const values = { ...(sample as { Values: Record<string, string> }).Values, ...connections };
  const entities = toEntities(parseSettings(values));
  const { document } = await loadRegistry(registryDir ?? join(root, 'examples/registry'));
  return {
    'event-hubs.json': toText(toEventHubsConfig(entities)),
    'service-bus.json': toText(toServiceBusConfig(entities, toConsumers(document))),
    'settings.json': toText({ IsEncrypted: false, Values: values }),
  };
}

function toText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
