import type { RegistryEntry } from '../../contracts/registry.js';
import type { EntryPath } from './registry-problem.js';

/** Something a check has to say about an entry; `checkRegistry` adds where the entry stands. */
export interface Finding {
  readonly severity?: 'warning';
  readonly code: string;
  readonly entry: RegistryEntry;
  readonly path: EntryPath;
  readonly message: string;
  readonly fix: string;
  /** The policy that is not kept. */
  readonly policy?: { readonly key: string; readonly owner: string };
}
