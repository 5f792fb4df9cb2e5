import type { RegistryDocument, SubscriptionEntry } from '../../contracts/registry.js';
import { byKey } from './registry-view.js';

/** The document with this subscription in it, in place of one with the same key. */
export function withSubscription(document: RegistryDocument, entry: SubscriptionEntry): RegistryDocument {
  const others = document.subscriptions.filter(({ key }) => key !== entry.key);
  return { ...document, subscriptions: [...others, entry].sort(byKey) };
}

/** The document without the subscription of this key. */
export function withoutSubscription(document: RegistryDocument, key: string): RegistryDocument {
  return { ...document, subscriptions: document.subscriptions.filter((each) => each.key !== key) };
}
