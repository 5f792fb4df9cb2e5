import type { SubscriptionEntry } from '../../contracts/registry.js';
import type { EntryPath } from './registry-problem.js';
import type { RegistryView } from './registry-view.js';
import { toInputPath, toNamedInputs } from './subscription-inputs.js';

/** One step of data: from the product that owns a port to the product that consumes it, in one stage. */
export interface ConsumptionEdge {
  readonly from: number;
  readonly to: number;
  readonly port: string;
  readonly subscription: SubscriptionEntry;
  /** Where the subscription names the port. */
  readonly path: EntryPath;
}

/** Who consumes whom. A node is a data product in a stage: what happens in `dev` makes no cycle in `prod`. */
export interface ConsumptionGraph {
  readonly nodes: readonly { readonly product: string; readonly stage: string }[];
  /** Edges by the node they leave. */
  readonly out: readonly (readonly ConsumptionEdge[])[];
}

/** The graph of a registry; subscriptions on unknown ports make no edge. */
export function toConsumptionGraph({
  ports,
  subscriptions,
}: Pick<RegistryView, 'ports' | 'subscriptions'>): ConsumptionGraph {
  const owners = new Map(ports.map((port) => [port.key, port.dataProduct]));
  const nodes: { product: string; stage: string }[] = [];
  const out: ConsumptionEdge[][] = [];
  const ids = new Map<string, number>();
  const idOf = (product: string, stage: string): number => {
    const name = `${product} ${stage}`;
    const known = ids.get(name);
    if (known !== undefined) return known;
    ids.set(name, nodes.length);
    out.push([]);
    return nodes.push({ product, stage }) - 1;
  };
  for (const subscription of subscriptions) {
    for (const { name, input } of toNamedInputs(subscription)) {
      const { port } = input;
      const owner = owners.get(port);
      if (owner === undefined) continue;
      const from = idOf(owner, subscription.stage);
      const to = idOf(subscription.consumer, subscription.stage);
      out[from]?.push({ from, to, port, subscription, path: [...toInputPath(subscription, name), 'port'] });
    }
  }
  return { nodes, out };
}
