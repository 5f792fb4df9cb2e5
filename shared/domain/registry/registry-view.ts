import type {
  DataProductEntry,
  OutputPortEntry,
  RegistryDocument,
  RegistryEntry,
  SubscriptionEntry,
} from '../../contracts/registry.js';
import type { EntitlementEntry } from '../../contracts/registry/entitlement.js';
import type { PolicyEntry } from '../../contracts/registry/policy.js';
import type { StandardDocument } from '../../contracts/registry/standard-document.js';
import { toContractShelf } from './standards/contract-shelf.js';
import { deriveProduct } from './standards/derive-product.js';
import type { StandardFinding, StandardPlace } from './standards/standard-finding.js';

/**
 * What a registry means: its own entries and those derived from documents in the shape of open standards, each kind
 * sorted by key. Checks, plan, compile and graph look at this, never at the stored document.
 */
export interface RegistryView {
  readonly products: readonly DataProductEntry[];
  readonly ports: readonly OutputPortEntry[];
  readonly subscriptions: readonly SubscriptionEntry[];
  readonly policies: readonly PolicyEntry[];
  readonly entitlements: readonly EntitlementEntry[];
  readonly standards: readonly StandardDocument[];
  /** Where derived entries come from. */
  readonly origins: ReadonlyMap<RegistryEntry | StandardDocument, StandardPlace>;
  /** What could not be read from the standard documents. */
  readonly findings: readonly StandardFinding[];
}

/** The effective view of a registry document. The same document gives the same view. */
export function toRegistryView(document: RegistryDocument): RegistryView {
  const { products, ports, subscriptions, policies = [], entitlements = [], standards = [] } = document;
  const findings: StandardFinding[] = [];
  const shelf = toContractShelf(
    standards.filter((each) => each.kind === 'DataContract'),
    findings,
  );
  const origins = new Map<RegistryEntry | StandardDocument, StandardPlace>();
  const derivedProducts: DataProductEntry[] = [];
  const derivedPorts: OutputPortEntry[] = [];
  for (const original of standards.filter((each) => each.kind === 'DataProduct')) {
    const derived = deriveProduct(original, shelf, findings);
    if (derived === undefined) continue;
    origins.set(derived.product, { original, path: [] });
    derivedProducts.push(derived.product);
    for (const { entry, path } of derived.ports) {
      origins.set(entry, { original, path });
      derivedPorts.push(entry);
    }
  }
  return {
    products: merge(products, derivedProducts),
    ports: merge(ports, derivedPorts),
    subscriptions,
    policies,
    entitlements,
    standards,
    origins,
    findings,
  };
}

function merge<T extends { readonly key: string }>(own: readonly T[], derived: readonly T[]): readonly T[] {
  return derived.length === 0 ? own : [...own, ...derived].sort(byKey);
}

/** Order of entries everywhere: by key, in code units. */
export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
