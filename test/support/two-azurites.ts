import { azuriteResource, type AzuriteResource, toStorageConnection } from '../../local/stack/azurite.js';
import { settlePorts } from '../../local/stack/ports.js';
import { buildPrograms } from '../fixtures/built-programs.js';
import { startAzurite } from './azurite.js';

/** An Azurite as it comes and ours, side by side. */
export interface TwoAzurites {
  /** Connection strings: of the one as it comes, and of ours. */
  readonly connections: readonly [string, string];
  stop(): Promise<void>;
}

export async function startBoth(): Promise<TwoAzurites> {
  const [plain, { ours, connection }] = await Promise.all([startAzurite(), startOurs()]);
  return {
    connections: [plain.connectionString, connection],
    stop: async () => {
      await plain.stop();
      await ours.down();
    },
  };
}

/** Ours alone, on free ports; without a folder its tables are gone with it. */
export async function startOurs(dataDir?: string): Promise<{ ours: AzuriteResource; connection: string }> {
  await buildPrograms();
  const wish = { option: 'test', port: 0 };
  const ports = await settlePorts({ blob: wish, queue: wish, table: wish });
  const ours = azuriteResource({ ports, dataDir, logDir: undefined, onOutput: undefined });
  await ours.up();
  return { ours, connection: toStorageConnection(ports) };
}
