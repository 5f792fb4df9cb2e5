import { pathToFileURL } from 'node:url';
import type { HostLog } from '../log/host-log.js';
import { provideCoreModule } from './core-module.js';
import { findEntryFiles } from './entry-files.js';
import { FunctionRegistry } from './function-registry.js';

/** What loading an app yields. `capabilities` are the ones the app announced through `app.setup`. */
export interface LoadedApp {
  readonly registry: FunctionRegistry;
  readonly capabilities: Readonly<Record<string, string>>;
}

/**
 * Load the app's entry files through the same seam as the platform's worker, lock registration, run `appStart` hooks.
 *
 * @throws Error when an entry file throws, when nothing is registered, or when the app wants HTTP streams
 */
export async function loadApp(appDir: string, log: HostLog): Promise<LoadedApp> {
  const registry = new FunctionRegistry();
  provideCoreModule(registry.toCoreApi((level, _category, message) => log({ level, category: 'Worker', message })));
  for (const file of await findEntryFiles(appDir)) await importEntry(file);
  registry.lock();
  const { model } = registry;
  if (!model) throw new Error(`no entry file of ${appDir} registers a function; call app.* while it loads`);
  const capabilities = (await model.getCapabilities?.({})) ?? {};
  if (capabilities['HttpUri']) throw new Error('HTTP streams are not supported here; leave enableHttpStream off');
  const { appLevelHookData: hookData, appHookData } = registry;
  await registry.runHooks('appStart', { hookData, appHookData, functionAppDirectory: appDir });
  return { registry, capabilities };
}

async function importEntry(file: string): Promise<void> {
  try {
    await import(pathToFileURL(file).href);
  } catch (cause) {
    throw new Error(`entry file ${file} failed to load: ${String(cause)}`, { cause });
  }
}
