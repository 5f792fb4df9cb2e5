import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { checkRegistry } from '../../shared/domain/registry/check-registry.js';
import { readRegistryEntries } from '../../shared/domain/registry/read-entries.js';
import type { RegistryProblem } from '../../shared/domain/registry/registry-problem.js';
import { readSourceFolder } from './source-files.js';

/** A registry read from a folder, with everything wrong or noteworthy about it. */
export interface LoadedRegistry {
  readonly document: RegistryDocument;
  readonly problems: readonly RegistryProblem[];
  readonly files: number;
}

/**
 * Load and check every `*.yaml`, `*.yml` and `*.json` under a folder, in order of name. Hidden files and folders are
 * left out; links are refused. Without `nowMs` nothing counts as expired. @throws InputError when the folder cannot be read or holds no registry file
 */
export async function loadRegistry(folder: string, nowMs?: number): Promise<LoadedRegistry> {
  const { sources, problems: faults, files } = await readSourceFolder(folder);
  const { document, locate, problems } = readRegistryEntries(sources);
  const found = [...faults, ...problems];
  // Entries that could not be read would make every reference to them look wrong.
  const unreadable = found.some((problem) => problem.severity === 'error');
  const checked = checkRegistry(document, locate, nowMs).filter(
    ({ code }) => !unreadable || !aboutReferences.has(code),
  );
  return { document, problems: [...found, ...checked], files };
}

const aboutReferences = new Set(['unknown-data-product', 'unresolved-port']);
