import type { ConsumptionEdge, ConsumptionGraph } from './consumption-graph.js';

/**
 * One cycle for each group of nodes that reach each other (including a node that consumes itself), as short as can be
 * found. Iterative throughout: a chain of any length costs no call stack. Linear, plus a bounded search for shortness.
 */
export function findCycles(graph: ConsumptionGraph): ConsumptionEdge[][] {
  const component = toComponents(graph);
  const sizes = new Map<number, number[]>();
  component.forEach((id, node) => {
    const members = sizes.get(id);
    if (members) members.push(node);
    else sizes.set(id, [node]);
  });
  return [...sizes.values()].flatMap((members) => {
    const cycle = findShortCycle(graph, component, members);
    return cycle === undefined ? [] : [cycle];
  });
}

/** Edges looked at in search of a shorter cycle than the first found, over one group. */
const searchBudget = 2_000_000;

function findShortCycle(
  graph: ConsumptionGraph,
  component: readonly number[],
  members: readonly number[],
): ConsumptionEdge[] | undefined {
  const inside = (edge: ConsumptionEdge): boolean => component[edge.from] === component[edge.to];
  const edgesOf = (node: number): ConsumptionEdge[] => (graph.out[node] ?? []).filter(inside);
  const branching = members.filter((node) => edgesOf(node).length > 1);
  // Without a branch the group is one ring, and every start finds it; with branches every cycle passes one of them.
  const starts = branching.length > 0 ? branching : members.slice(0, 1);
  let best: ConsumptionEdge[] | undefined;
  let budget = searchBudget;
  for (const start of starts) {
    const search = searchFrom(start, edgesOf, best?.length ?? Number.POSITIVE_INFINITY);
    budget -= search.looked;
    best = search.cycle ?? best;
    if (best?.length === 1 || (best !== undefined && budget <= 0)) break;
  }
  return best;
}

/** Breadth first back to `start`: its shortest cycle, if shorter than `below` edges. */
function searchFrom(
  start: number,
  edgesOf: (node: number) => readonly ConsumptionEdge[],
  below: number,
): { cycle?: ConsumptionEdge[]; looked: number } {
  const cameBy = new Map<number, ConsumptionEdge>();
  let frontier = [start];
  let looked = 0;
  for (let length = 1; frontier.length > 0 && length < below; length += 1) {
    const next: number[] = [];
    for (const edge of frontier.flatMap(edgesOf)) {
      looked += 1;
      if (edge.to === start) return { cycle: toCycle(edge, start, cameBy), looked };
      if (cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, edge);
      next.push(edge.to);
    }
    frontier = next;
  }
  return { looked };
}

function toCycle(
  closing: ConsumptionEdge,
  start: number,
  cameBy: ReadonlyMap<number, ConsumptionEdge>,
): ConsumptionEdge[] {
  const reversed = [closing];
  for (let edge: ConsumptionEdge | undefined = closing; edge !== undefined && edge.from !== start;) {
    edge = cameBy.get(edge.from);
    if (edge) reversed.push(edge);
  }
  return reversed.reverse();
}

/** Strongly connected components (Tarjan) with an explicit stack; the component number of each node. */
function toComponents({ nodes, out }: ConsumptionGraph): number[] {
  const order = new Int32Array(nodes.length).fill(-1);
  const low = new Int32Array(nodes.length);
  const component = new Array<number>(nodes.length).fill(-1);
  const open: number[] = [];
  let visited = 0;
  let components = 0;

  const enter = (node: number): { node: number; next: number } => {
    order[node] = low[node] = visited++;
    open.push(node);
    return { node, next: 0 };
  };
  const leave = (node: number): void => {
    if (low[node] !== order[node]) return;
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      component[member] = components;
      if (member === node) break;
    }
    components += 1;
  };
  const lower = (node: number, to: number): void => {
    low[node] = Math.min(low[node] ?? 0, to);
  };

  for (let root = 0; root < nodes.length; root += 1) {
    if (order[root] !== -1) continue;
    const path = [enter(root)];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = out[top.node]?.[top.next++];
      if (edge === undefined) {
        path.pop();
        leave(top.node);
        const parent = path.at(-1);
        if (parent) lower(parent.node, low[top.node] ?? 0);
      } else if (order[edge.to] === -1) {
        path.push(enter(edge.to));
      } else if (component[edge.to] === -1) {
        lower(top.node, order[edge.to] ?? 0);
      }
    }
  }
  return component;
}
