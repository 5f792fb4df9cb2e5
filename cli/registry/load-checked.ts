import { stat } from 'node:fs/promises';
import { openStores } from '../../shared/adapters/open-adapters.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { readRegistry } from '../../shared/pipeline/registry/in-force.js';
import type { RegistryStore } from '../../shared/ports/registry-store.js';
import { loadSettings } from '../environment.js';
import { InputError } from '../errors.js';
import { note } from '../output.js';
import { toProblemCount, toProblemLines } from './problem-lines.js';
import { type LoadedRegistry, loadRegistry } from './registry-files.js';

/** Load a registry folder, say what is noteworthy, and refuse one with errors. @throws InputError */
export async function loadChecked(dir: string, say: (line: string) => void = note): Promise<LoadedRegistry> {
  const loaded = await loadRegistry(dir, Date.now());
  for (const line of loaded.problems.flatMap(toProblemLines)) say(line);
  if (loaded.problems.some((problem) => problem.severity === 'error')) {
    throw new InputError(`${dir}: ${toProblemCount(loaded.problems)}`, 'mend the errors named above, then try again');
  }
  return loaded;
}

/**
 * The registry that a word on the command line means: a folder, `current` for the version in force, or a version.
 * @throws InputError when there is no such thing
 */
export async function loadReference(reference: string): Promise<RegistryDocument> {
  if (await isFolder(reference)) return (await loadChecked(reference)).document;
  if (reference !== 'current' && !/^\d{6,}-[0-9a-f]{12}$/.test(reference)) {
    throw new InputError(`there is no folder ${reference}`, 'name a folder, "current", or a version of the registry');
  }
  return loadStored(reference, openStores(loadSettings()).registryStore);
}

/** `current` or a version, from storage. @throws InputError */
export async function loadStored(version: string, store: RegistryStore): Promise<RegistryDocument> {
  if (version === 'current') {
    const inForce = await readRegistry(store);
    if (inForce) return inForce.document;
    throw new InputError('no registry is in force', 'run "outport registry apply <dir>" first');
  }
  // Chunks of an apply that was overtaken lie there too; only versions that were in force count.
  const known = await store.versions({ limit: Number.POSITIVE_INFINITY });
  if (known.some((each) => each.version === version)) return store.load(version);
  throw new InputError(`version ${version} was never in force`, 'list them with "outport registry versions"');
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
