import { toAppSettings, toEntities } from '../../cli/start/entities.js';
import { startStack, type Stack } from '../../local/stack/start-stack.js';
import { openConsumerChannels, openStores, type Stores } from '../../shared/adapters/open-adapters.js';
import { parseSettings, type Settings } from '../../shared/config/settings.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { applyRegistry } from '../../shared/pipeline/apply-registry.js';
import { buildPrograms } from '../fixtures/built-programs.js';
import { buildPackage } from './built-package.js';

/** The whole of Outport on an embedded stack: built, started, its registry in force. */
export interface OutportStack {
  readonly stack: Stack;
  readonly settings: Settings;
  readonly stores: Stores;
  stop(): Promise<void>;
}

/**
 * Locks and leases are short, so that what a dead process held comes back within a test, and batches are small, so
 * that each is done within its lock on a busy machine too: a lock that runs out hands the same work on again.
 */
const lockDurationMs = 12_000;
const quickTuning = {
  OUTPORT_SWEEP_SCHEDULE: '*/5 * * * * *',
  OUTPORT_SWEEP_AFTER_MS: '10000',
  OUTPORT_DISPATCH_LEASE_MS: '10000',
  AzureFunctionsJobHost__extensions__eventHubs__partitionOwnershipExpirationInterval: '00:00:02',
  AzureFunctionsJobHost__extensions__eventHubs__loadBalancingUpdateInterval: '00:00:01',
  AzureFunctionsJobHost__extensions__eventHubs__maxEventBatchSize: '20',
  AzureFunctionsJobHost__extensions__serviceBus__maxMessageBatchSize: '20',
};

export interface OutportStackOptions {
  readonly registry: RegistryDocument;
  readonly dataDir?: string;
  /** Further variables of the functions host's process. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startOutportStack({ registry, dataDir, env }: OutportStackOptions): Promise<OutportStack> {
  await buildPrograms();
  const built = await buildPackage();
  const named = parseSettings({ EVENTHUB: 'x', SERVICEBUS: 'x', OUTPORT_TABLES: 'x', ...quickTuning });
  const connections = (of: Stack['endpoints']) => ({
    EVENTHUB: of.amqp,
    SERVICEBUS: of.amqp,
    OUTPORT_TABLES: of.storage,
    SERVICEBUS_ADMIN_URL: of.adminUrl,
  });
  const entities = toEntities(named);
  const stack = await startStack({
    appDir: built.dir,
    ...(dataDir !== undefined && { dataDir }),
    entities: { ...entities, queues: entities.queues.map((queue) => ({ ...queue, lockDurationMs })) },
    settings: (endpoints) => ({ ...toAppSettings(named), ...quickTuning, ...connections(endpoints), ...env }),
  });
  const settings = parseSettings({ ...connections(stack.endpoints), ...quickTuning });
  const stores = openStores(settings);
  await stores.ensureTables();
  const channels = openConsumerChannels(settings);
  await applyRegistry(registry, { actor: 'test' }, { ...stores, channels, clock: { nowMs: () => Date.now() } });
  return {
    stack,
    settings,
    stores,
    stop: async () => {
      await stack.stop();
      await built.remove();
    },
  };
}
