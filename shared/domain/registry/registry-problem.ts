import type { RegistryEntry } from '../../contracts/registry.js';
import type { StandardDocument } from '../../contracts/registry/standard-document.js';

/** Members and list positions that lead to a place inside one registry document. */
export type EntryPath = readonly (string | number)[];

/** One document of a registry file as read, with a way back to its lines. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** Line (from 1) of the place, or of the nearest enclosing one that exists. */
  lineOf(path: EntryPath): number | undefined;
}

/** Something about a registry that must be mended (`error`) or looked at (`warning`). */
export interface RegistryProblem {
  readonly severity: 'error' | 'warning';
  /** Stable code for machines, e.g. `unresolved-port`. */
  readonly code: string;
  readonly file?: string;
  readonly line?: number;
  /** Key of the entry, when it could be read. */
  readonly key?: string;
  /** Place inside the entry, e.g. `contracts[1].version`; `$` for the whole. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
  /** The policy that is not kept, and whom to talk to. */
  readonly policy?: { readonly key: string; readonly owner: string };
}

/** Where an entry stands in the files it was read from. */
export type Locate = (
  entry: RegistryEntry | StandardDocument,
  path: EntryPath,
) => Pick<RegistryProblem, 'file' | 'line'>;

/** A place as people write it: `contracts[1].version`. */
export function toPathText(path: EntryPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text === '' ? '$' : text.replace(/^\./, '');
}

/** Where in a source document a place is, as members of a problem. */
export function toPlace(source: SourceDocument, path: EntryPath): Pick<RegistryProblem, 'file' | 'line'> {
  const line = source.lineOf(path);
  return { file: source.file, ...(line !== undefined && { line }) };
}
