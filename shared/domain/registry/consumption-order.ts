import type { SubscriptionEntry } from '../../contracts/registry.js';
import type { RegistryView } from './registry-view.js';
import { toInputs } from './subscription-inputs.js';
import { type AddOutcome, type Edge, TopologicalOrder } from './topological-order.js';

/** One subscription that would make data run in a circle. */
export interface RefusedSubscription {
  readonly subscription: string;
  /** A shortest circle, as `dp.a.b -> op.a.b.c -> dp.d.e ...`, ending where it starts. */
  readonly chain: string;
  /** Subscriptions that make it, the refused one last. */
  readonly madeBy: readonly string[];
  /** The subscription to leave out. */
  readonly drop: string;
}

/** Answer to a put subscription. */
export type PutOutcome = { readonly kind: 'accepted' } | ({ readonly kind: 'refused' } & RefusedSubscription);

/**
 * Who consumes whom, kept up to date subscription by subscription: the check for circles looks only at what lies
 * between the two ends of what is new. A node is a data product in a stage. Ports nobody declared make no edge.
 */
export class ConsumptionOrder {
  readonly #owners: ReadonlyMap<string, string>;
  readonly #edges = new Map<string, readonly Edge[]>();
  #order = new TopologicalOrder();

  private constructor(owners: ReadonlyMap<string, string>) {
    this.#owners = owners;
  }

  /** The order of a registry, and the subscriptions it has no place for. */
  static of({ ports, subscriptions }: Pick<RegistryView, 'ports' | 'subscriptions'>): {
    order: ConsumptionOrder;
    refused: RefusedSubscription[];
  } {
    const owners = new Map(ports.map((port) => [port.key, port.dataProduct]));
    const own = new ConsumptionOrder(owners);
    for (const subscription of subscriptions) own.#edges.set(subscription.key, own.#toEdges(subscription));
    const { order, refused } = TopologicalOrder.from([...own.#edges.values()].flat());
    own.#order = order;
    for (const { drop } of refused) own.remove(toSubscriptionKey(drop));
    return { order: own, refused: refused.map(toRefused) };
  }

  /** Number of edges. */
  get size(): number {
    return this.#order.size;
  }

  /** Add a subscription, or replace the one with its key. When it is refused, the earlier one stays. */
  put(subscription: SubscriptionEntry): PutOutcome {
    const earlier = this.#edges.get(subscription.key) ?? [];
    for (const { id } of earlier) this.#order.remove(id);
    const edges = this.#toEdges(subscription);
    const refused = this.#addAll(edges);
    if (refused === undefined) {
      this.#edges.set(subscription.key, edges);
      return { kind: 'accepted' };
    }
    this.#addAll(earlier);
    return { kind: 'refused', ...toRefused(refused) };
  }

  /** Remove a subscription; `false` when there is none with this key. */
  remove(subscription: string): boolean {
    for (const { id } of this.#edges.get(subscription) ?? []) this.#order.remove(id);
    return this.#edges.delete(subscription);
  }

  /** All or none of them. */
  #addAll(edges: readonly Edge[]): Refusal | undefined {
    for (const [index, edge] of edges.entries()) {
      const outcome = this.#order.add(edge);
      if (outcome.kind === 'added') continue;
      for (const { id } of edges.slice(0, index)) this.#order.remove(id);
      return outcome;
    }
    return undefined;
  }

  #toEdges(subscription: SubscriptionEntry): Edge[] {
    const { key, consumer, stage } = subscription;
    return toInputs(subscription).flatMap(({ port }, index) => {
      const owner = this.#owners.get(port);
      return owner === undefined
        ? []
        : [{ id: `${key} ${port} ${index}`, from: `${owner} ${stage}`, to: `${consumer} ${stage}` }];
    });
  }
}

type Refusal = Extract<AddOutcome, { kind: 'refused' }>;

function toRefused({ cycle, drop }: Refusal): RefusedSubscription {
  const [first] = cycle;
  const steps = cycle.flatMap(({ id, from }) => [toProduct(from), id.split(' ')[1] ?? '']);
  return {
    subscription: toSubscriptionKey(drop),
    chain: [...steps, toProduct(first?.from ?? '')].join(' -> '),
    madeBy: cycle.map(toSubscriptionKey),
    drop: toSubscriptionKey(drop),
  };
}

/** Keys hold no spaces, so the parts of an id cannot run into each other. */
function toSubscriptionKey({ id }: Edge): string {
  return id.split(' ')[0] ?? id;
}

function toProduct(node: string): string {
  return node.split(' ')[0] ?? node;
}
