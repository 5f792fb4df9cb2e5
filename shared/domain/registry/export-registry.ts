import type { RegistryDocument, RegistryEntry } from '../../contracts/registry.js';
import type { StandardDocument } from '../../contracts/registry/standard-document.js';
import { toContentHash } from '../identity.js';
import { toSlug } from './standards/derived-keys.js';

/** A file of an exported registry, without its ending. */
export interface ExportedFile {
  /** Path with `/`, e.g. `sales` or `odcs/orders-1.0.0`. */
  readonly name: string;
  readonly documents: readonly (RegistryEntry | StandardDocument)[];
}

/** A registry as files: own entries by domain, each standard document in a file of its own, as it was written. */
export function exportRegistry(document: RegistryDocument): ExportedFile[] {
  const { products, ports, subscriptions, policies = [], entitlements = [], standards = [] } = document;
  const byDomain = new Map<string, RegistryEntry[]>();
  for (const entry of [...policies, ...products, ...ports, ...entitlements, ...subscriptions]) {
    const domain = entry.key.split('.')[1] ?? 'other';
    const others = byDomain.get(domain);
    if (others) others.push(entry);
    else byDomain.set(domain, [entry]);
  }
  const own = [...byDomain].map(([name, documents]) => ({ name, documents }));
  return [...own, ...toStandardFiles(standards)].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toStandardFiles(standards: readonly StandardDocument[]): ExportedFile[] {
  const taken = new Set<string>();
  return standards.map((original) => {
    const plain = toFileName(original);
    // Ids that differ only in characters a file name cannot show get the hash of the document behind them.
    const name = taken.has(plain) ? `${plain}-${toContentHash(original).slice(0, 8)}` : plain;
    taken.add(name);
    return { name, documents: [original] };
  });
}

function toFileName(original: StandardDocument): string {
  const id = toSlug(original.id).slice(0, 80) || 'unnamed';
  return original.kind === 'DataContract' ? `odcs/${id}-${toSlug(original.version).slice(0, 40)}` : `odps/${id}`;
}
