import type { RegistryDocument, RegistryEntry } from '../../contracts/registry.js';
import { toContentHash } from '../identity.js';

/** What applying a registry changes. */
export interface RegistryPlan {
  readonly added: readonly RegistryEntry[];
  readonly changed: readonly RegistryEntry[];
  readonly removed: readonly RegistryEntry[];
}

/** Compare a registry with the one in force, entry by entry, by content. */
export function planRegistry(before: RegistryDocument | undefined, after: RegistryDocument): RegistryPlan {
  const old = new Map(before === undefined ? [] : toEntries(before).map((entry) => [entry.key, entry]));
  const kept = new Set<string>();
  const added: RegistryEntry[] = [];
  const changed: RegistryEntry[] = [];
  for (const entry of toEntries(after)) {
    const earlier = old.get(entry.key);
    kept.add(entry.key);
    if (earlier === undefined) added.push(entry);
    else if (toContentHash(earlier) !== toContentHash(entry)) changed.push(entry);
  }
  return { added, changed, removed: [...old.values()].filter((entry) => !kept.has(entry.key)) };
}

function toEntries({ products, ports, subscriptions }: RegistryDocument): RegistryEntry[] {
  return [...products, ...ports, ...subscriptions];
}

/** The data products that need a channel on the trigger topic, sorted. */
export function toConsumers(document: RegistryDocument): string[] {
  return [...new Set(document.subscriptions.map((subscription) => subscription.consumer))].sort();
}

/** Name of a registry version: six digits and the first twelve hex digits of its content's hash. */
export function toRegistryVersion(number: number, document: RegistryDocument): string {
  return `${String(number).padStart(6, '0')}-${toContentHash(document).slice(0, 12)}`;
}

/** The number in a version's name; 0 when there is none yet. */
export function fromRegistryVersion(version: string | undefined): number {
  const digits = /^(\d{6,})-/.exec(version ?? '')?.[1];
  return digits === undefined ? 0 : Number(digits);
}
