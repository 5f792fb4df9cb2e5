import type { RegistryDocument, RegistryEntry } from '../../contracts/registry.js';
import type { StandardDocument } from '../../contracts/registry/standard-document.js';
import { toContentHash } from '../identity.js';
import { toStandardKey } from './read-entries.js';
import type { RegistryView } from './registry-view.js';

/** Something a registry holds: an entry of its own, or a document in the shape of an open standard. */
export interface RegistryItem {
  readonly kind: (RegistryEntry | StandardDocument)['kind'];
  /** Key of an entry; for a standard document its standard, id and version. */
  readonly key: string;
  readonly content: RegistryEntry | StandardDocument;
}

/** What applying a registry changes. */
export interface RegistryPlan {
  readonly added: readonly RegistryItem[];
  readonly changed: readonly RegistryItem[];
  readonly removed: readonly RegistryItem[];
}

/** Compare a registry with the one in force, item by item, by content as written. */
export function planRegistry(before: RegistryDocument | undefined, after: RegistryDocument): RegistryPlan {
  const old = new Map(before === undefined ? [] : toItems(before).map((item) => [item.key, item]));
  const kept = new Set<string>();
  const added: RegistryItem[] = [];
  const changed: RegistryItem[] = [];
  for (const item of toItems(after)) {
    const earlier = old.get(item.key);
    kept.add(item.key);
    if (earlier === undefined) added.push(item);
    else if (toContentHash(earlier.content) !== toContentHash(item.content)) changed.push(item);
  }
  return { added, changed, removed: [...old.values()].filter((item) => !kept.has(item.key)) };
}

/** Whether nothing changes. */
export function isEmptyPlan({ added, changed, removed }: RegistryPlan): boolean {
  return added.length + changed.length + removed.length === 0;
}

function toItems(document: RegistryDocument): RegistryItem[] {
  const { products, ports, subscriptions, policies = [], entitlements = [], standards = [] } = document;
  return [
    ...[...products, ...ports, ...subscriptions, ...policies, ...entitlements].map((content) => {
      return { kind: content.kind, key: content.key, content };
    }),
    ...standards.map((content) => ({ kind: content.kind, key: toStandardKey(content), content })),
  ];
}

/** The data products that need a channel on the trigger topic, sorted. */
export function toConsumers({ subscriptions }: Pick<RegistryView, 'subscriptions'>): string[] {
  return [...new Set(subscriptions.map((subscription) => subscription.consumer))].sort();
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
