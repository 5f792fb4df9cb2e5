import type { RegistryDocument, SubscriptionEntry } from '../../contracts/registry.js';
import { toInputs } from './subscription-inputs.js';

/** One step of data: from the product that owns a port to the product that consumes it, in one stage. */
export interface ConsumptionEdge {
  readonly from: number;
  readonly to: number;
  readonly port: string;
  readonly subscription: SubscriptionEntry;
}

/** Who consumes whom. A node is a data product in a stage: what happens in `dev` makes no cycle in `prod`. */
export interface ConsumptionGraph {
  readonly nodes: readonly { readonly product: string; readonly stage: string }[];
  /** Edges by the node they leave. */
  readonly out: readonly (readonly ConsumptionEdge[])[];
}

/** The graph of a registry; subscriptions on unknown ports make no edge. */
export function toConsumptionGraph(document: RegistryDocument): ConsumptionGraph {
  const owners = new Map(document.ports.map((port) => [port.key, port.dataProduct]));
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
  for (const subscription of document.subscriptions) {
    for (const { port } of toInputs(subscription)) {
      const owner = owners.get(port);
      if (owner === undefined) continue;
      const from = idOf(owner, subscription.stage);
      const to = idOf(subscription.consumer, subscription.stage);
      out[from]?.push({ from, to, port, subscription });
    }
  }
  return { nodes, out };
}
