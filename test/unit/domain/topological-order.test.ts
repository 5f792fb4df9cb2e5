import { describe, expect, it } from 'vitest';
import { type Edge, TopologicalOrder } from '../../../shared/domain/registry/topological-order.js';

/** Seeded, so that a failure happens again. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 0) / 4_294_967_296) * below);
  };
}

/** The plain way: counts of edges, and a search from scratch for every question. At most 30 nodes, one bit each. */
class NaiveGraph {
  readonly #counts: number[][];
  readonly #next: number[];
  constructor(readonly size: number) {
    this.#counts = Array.from({ length: size }, () => new Array<number>(size).fill(0));
    this.#next = new Array<number>(size).fill(0);
  }
  change(from: number, to: number, by: 1 | -1): void {
    const row = this.#counts[from]!;
    row[to] = row[to]! + by;
    if (row[to] > 0) this.#next[from] = this.#next[from]! | (1 << to);
    else this.#next[from] = this.#next[from]! & ~(1 << to);
  }
  /** Steps of a shortest path, 0 from a node to itself; undefined when there is none. */
  distance(from: number, to: number): number | undefined {
    let reached = 1 << from;
    for (let steps = 0, frontier = reached; frontier !== 0; steps += 1) {
      if (frontier & (1 << to)) return steps;
      let next = 0;
      for (let node = 0; node < this.size; node += 1) if (frontier & (1 << node)) next |= this.#next[node]!;
      frontier = next & ~reached;
      reached |= next;
    }
    return undefined;
  }
}

function expectOrdered(order: TopologicalOrder, edges: Iterable<Edge>): void {
  const ranks = new Map(order.nodes().map((name, rank) => [name, rank]));
  for (const { from, to } of edges) expect(ranks.get(from)! < ranks.get(to)!).toBe(true);
}

/** Random adds and removes on one graph, each answer compared with the plain way. Returns how many were refused. */
function compareRun(seed: number, size: number, operations: number): number {
  const random = createRandom(seed);
  const order = new TopologicalOrder();
  const naive = new NaiveGraph(size);
  const present: (Edge & { a: number; b: number })[] = [];
  let refused = 0;
  // Sparse and dense phases take turns.
  for (let operation = 0; operation < operations; operation += 1) {
    const removing = present.length > 0 && random(10) < (operation % 400 < 200 ? 3 : 6);
    if (removing) {
      const at = random(present.length);
      const [edge] = present.splice(at, 1);
      if (!order.remove(edge!.id)) throw new Error('a present edge could not be removed');
      naive.change(edge!.a, edge!.b, -1);
      continue;
    }
    const [a, b] = [random(size), random(size)];
    const edge = { id: `e${operation}`, from: `n${a}`, to: `n${b}`, a, b };
    const back = naive.distance(b, a);
    const outcome = order.add(edge);
    if (back === undefined) {
      if (outcome.kind !== 'added') throw new Error(`seed ${seed}, operation ${operation}: refused without a circle`);
      naive.change(a, b, 1);
      present.push(edge);
    } else {
      refused += 1;
      if (outcome.kind !== 'refused') throw new Error(`seed ${seed}, operation ${operation}: a circle was let in`);
      if (outcome.cycle.length !== back + 1) throw new Error(`seed ${seed}, operation ${operation}: not the shortest`);
      if (operation % 97 === 0) {
        expect(outcome.drop.id).toBe(edge.id);
        expect(outcome.cycle.at(-1)).toBe(outcome.drop);
        outcome.cycle.forEach((each, index) => {
          expect(each.to).toBe(outcome.cycle[(index + 1) % outcome.cycle.length]!.from);
        });
      }
    }
    if (operation % 997 === 0) expectOrdered(order, present);
  }
  expect(order.size).toBe(present.length);
  expectOrdered(order, present);
  return refused;
}

describe('a graph kept without circles', () => {
  it('answers a million random edge operations as a search from scratch does', () => {
    let refused = 0;
    for (let seed = 1; seed <= 250; seed += 1) refused += compareRun(seed, 4 + (seed % 26), 4_000);
    expect(refused).toBeGreaterThan(100_000);
  });

  it('refuses an edge from a node to itself, and nothing changes', () => {
    const order = new TopologicalOrder();
    const edge = { id: 'e', from: 'a', to: 'a' };
    expect(order.add(edge)).toEqual({ kind: 'refused', cycle: [edge], drop: edge });
    expect(order.size).toBe(0);
  });

  it('keeps several edges between two nodes apart', () => {
    const order = new TopologicalOrder();
    order.add({ id: '1', from: 'a', to: 'b' });
    order.add({ id: '2', from: 'a', to: 'b' });
    expect(order.remove('1')).toBe(true);
    expect(order.add({ id: '3', from: 'b', to: 'a' })).toMatchObject({ kind: 'refused' });
    expect(order.remove('2')).toBe(true);
    expect(order.remove('2')).toBe(false);
    expect(order.add({ id: '3', from: 'b', to: 'a' })).toEqual({ kind: 'added' });
  });

  it('takes many edges at once and names those that close a circle', () => {
    const edges = [
      { id: '1', from: 'c', to: 'd' },
      { id: '2', from: 'a', to: 'b' },
      { id: '3', from: 'b', to: 'c' },
      { id: '4', from: 'd', to: 'b' },
    ];
    const { order, refused } = TopologicalOrder.from(edges);
    expect(refused.map(({ drop }) => drop.id)).toEqual(['4']);
    expect(refused[0]?.cycle.map(({ id }) => id).sort()).toEqual(['1', '3', '4']);
    expect(order.size).toBe(3);
    expectOrdered(order, edges.slice(0, 3));
  });

  it('looks at nothing when an edge already points forward, however long the chain', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) => ({ id: `e${n}`, from: `n${n}`, to: `n${n + 1}` }));
    const { order } = TopologicalOrder.from(chain);
    const before = order.visited;
    order.add({ id: 'x', from: 'n3', to: 'n19999' });
    expect(order.visited).toBe(before);
    order.add({ id: 'y', from: 'new', to: 'n19998' });
    expect(order.visited - before).toBeLessThan(10);
  });

  it('finds a circle over 20,000 nodes without recursion', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) => ({ id: `e${n}`, from: `n${n}`, to: `n${n + 1}` }));
    const { order } = TopologicalOrder.from(chain);
    const outcome = order.add({ id: 'back', from: 'n20000', to: 'n0' });
    expect(outcome.kind === 'refused' && outcome.cycle.length).toBe(20_001);
  });
});
