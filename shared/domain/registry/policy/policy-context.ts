import type { DataProductEntry, OutputPortEntry, SubscriptionEntry } from '../../../contracts/registry.js';
import type { Layer, PolicyEntry } from '../../../contracts/registry/policy.js';
import { type EntitlementIndex, toEntitlementIndex } from '../entitlements.js';
import type { Finding } from '../finding.js';
import type { RegistryView } from '../registry-view.js';
import type { SubscriptionInput } from '../../../contracts/subscription.js';
import type { EntryPath } from '../registry-problem.js';
import { toInputPath, toNamedInputs } from '../subscription-inputs.js';

/** What a policy looks at, indexed once for all of them. */
export interface PolicyContext {
  readonly view: RegistryView;
  readonly products: ReadonlyMap<string, DataProductEntry>;
  readonly ports: ReadonlyMap<string, OutputPortEntry>;
  readonly entitlements: EntitlementIndex;
  readonly nowMs: number;
}

/** A policy's refusal; the policy itself is added by the caller. */
export type PolicyFinding = Omit<Finding, 'code' | 'policy'>;

/** One port that one subscription listens to. */
export interface Wish {
  readonly subscription: SubscriptionEntry;
  readonly input: SubscriptionInput;
  /** Where the input stands in the subscription. */
  readonly place: EntryPath;
}

export function toPolicyContext(view: RegistryView, nowMs: number): PolicyContext {
  const ports = new Map(view.ports.map((entry) => [entry.key, entry]));
  return {
    view,
    products: new Map(view.products.map((entry) => [entry.key, entry])),
    ports,
    entitlements: toEntitlementIndex(view, (port) => ports.get(port)?.dataProduct),
    nowMs,
  };
}

/** Every port of every subscription in the stages a policy is for. */
export function listWishes({ stages }: Pick<PolicyEntry, 'stages'>, { view }: PolicyContext): Wish[] {
  const own = view.subscriptions.filter(({ stage }) => stages === undefined || stages.includes(stage));
  return own.flatMap((subscription) =>
    toNamedInputs(subscription).map(({ name, input }) => {
      return { subscription, input, place: toInputPath(subscription, name) };
    }),
  );
}

/** The layer of a port: its own, or its product's. */
export function toPortLayer(port: OutputPortEntry | undefined, { products }: PolicyContext): Layer | undefined {
  return port?.layer ?? products.get(port?.dataProduct ?? '')?.layer;
}
