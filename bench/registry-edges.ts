import { performance } from 'node:perf_hooks';
import { findCycles } from '../shared/domain/registry/cycles.js';
import { toConsumptionGraph } from '../shared/domain/registry/consumption-graph.js';
import type { OutputPortEntry, SubscriptionEntry } from '../shared/contracts/registry.js';
import { ConsumptionOrder } from '../shared/domain/registry/consumption-order.js';

/** What one subscription more costs in a registry of 100,000 edges, against looking at all of it again. */
export interface RegistryEdgesResult {
  /** Mean time to add one subscription with a proof that it closes no circle. */
  readonly insertMs: number;
  /** Time of one full check of the same registry. */
  readonly fullCheckMs: number;
  /** How many times faster: the budget is 1,000 or more. */
  readonly ratio: number;
}

const products = 40_000;
const edges = 100_000;
const inserted = 2_000;

/**
 * Products in an order nobody wrote down, each edge between two at random in that order: what a registry looks like
 * to an algorithm that cannot guess. Deterministic.
 */
export function benchRegistryEdges(): RegistryEdgesResult {
  const random = createRandom(20_260_311);
  const names = shuffle(
    Array.from({ length: products }, (_, n) => `d${n % 97}.p${n}`),
    random,
  );
  const ports = names.map(toPort);
  const subscriptions = Array.from({ length: edges + inserted }, (_, n) => toSubscription(names, n, random));
  const kept = subscriptions.slice(0, edges);
  const { order } = ConsumptionOrder.of({ ports, subscriptions: kept });

  const insertStart = performance.now();
  for (const subscription of subscriptions.slice(edges)) order.put(subscription);
  const insertMs = (performance.now() - insertStart) / inserted;

  const fullStart = performance.now();
  const cycles = findCycles(toConsumptionGraph({ ports, subscriptions: kept }));
  const fullCheckMs = performance.now() - fullStart;
  if (cycles.length > 0) throw new Error('edges along one order cannot run in a circle');
  return { insertMs, fullCheckMs, ratio: fullCheckMs / insertMs };
}

function toPort(name: string): OutputPortEntry {
  const contracts = [{ version: '1.0.0', schemaHash: 'sha256:0123456789abcdef' }];
  return { kind: 'OutputPort', key: `op.${name}.out`, dataProduct: `dp.${name}`, contracts };
}

function toSubscription(names: readonly string[], n: number, random: () => number): SubscriptionEntry {
  const one = Math.floor(random() * products);
  const other = (one + 1 + Math.floor(random() * (products - 1))) % products;
  const [from, to] = [Math.min(one, other), Math.max(one, other)].map((at) => names[at] ?? '');
  return {
    kind: 'Subscription',
    key: `sub.${to}.s${n}`,
    consumer: `dp.${to}`,
    port: `op.${from}.out`,
    stage: 'prod',
    versions: '*',
    minimumQuality: { status: 'passed' },
    activeFrom: '2026-01-01T00:00:00Z',
  };
}

function shuffle<T>(list: T[], random: () => number): T[] {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [list[at], list[other]] = [list[other] as T, list[at] as T]; // both positions are inside the list
  }
  return list;
}

/** Mulberry32: small, seeded, good enough to choose edges with. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
