/** An edge between two named nodes; its id is unique, so two nodes may have several edges. */
export interface Edge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** Answer to an added edge. */
export type AddOutcome =
  | { readonly kind: 'added' }
  /** It would close a circle. `cycle` is a shortest one, the refused edge last; `drop` is the edge to leave out. */
  | { readonly kind: 'refused'; readonly cycle: readonly Edge[]; readonly drop: Edge };

/** An edge with its places in the lists of both ends, so that it leaves them in one step. */
interface Link {
  readonly edge: Edge;
  readonly from: Node;
  readonly to: Node;
  outAt: number;
  inAt: number;
}

interface Node {
  readonly name: string;
  rank: number;
  readonly out: Link[];
  readonly in: Link[];
  /** Number of the last search that came here. */
  seen: number;
}

/**
 * A graph without circles that stays so: nodes are kept in an order in which every edge points forward, and a new edge
 * looks only at what lies between its ends in that order (Pearce and Kelly, "A dynamic topological sort algorithm for
 * directed acyclic graphs", 2006). Adding an edge that already points forward costs nothing; removing one costs
 * nothing ever. Not a value: changes in place.
 */
export class TopologicalOrder {
  readonly #nodes = new Map<string, Node>();
  readonly #links = new Map<string, Link>();
  #search = 0;
  #visited = 0;

  /** Number of edges. */
  get size(): number {
    return this.#links.size;
  }

  /** Nodes looked at by all searches so far: what the work amounts to, whatever the machine. */
  get visited(): number {
    return this.#visited;
  }

  /** Start from many edges at once, in linear time when they have no circle; those that would close one are refused. */
  static from(edges: readonly Edge[]): {
    order: TopologicalOrder;
    refused: Extract<AddOutcome, { kind: 'refused' }>[];
  } {
    const order = new TopologicalOrder();
    for (const { from, to } of edges) {
      order.#node(from);
      order.#node(to);
    }
    order.#rankAll(edges);
    const refused = edges.map((edge) => order.add(edge)).filter((outcome) => outcome.kind === 'refused');
    return { order, refused };
  }

  has(id: string): boolean {
    return this.#links.has(id);
  }

  /** Add an edge unless it closes a circle; then nothing changes. @throws RangeError for an id that is there already */
  add(edge: Edge): AddOutcome {
    if (this.#links.has(edge.id)) throw new RangeError(`edge ${edge.id} is there already`);
    const from = this.#node(edge.from);
    const to = this.#node(edge.to);
    if (from === to) return { kind: 'refused', cycle: [edge], drop: edge };
    if (from.rank > to.rank && !this.#makeRoom(from, to)) {
      return { kind: 'refused', cycle: [...this.#shortestPath(to, from), edge], drop: edge };
    }
    const link: Link = { edge, from, to, outAt: from.out.length, inAt: to.in.length };
    from.out.push(link);
    to.in.push(link);
    this.#links.set(edge.id, link);
    return { kind: 'added' };
  }

  /** Remove an edge; `false` when there is none with this id. */
  remove(id: string): boolean {
    const link = this.#links.get(id);
    if (link === undefined) return false;
    const lastOut = link.from.out.pop();
    if (lastOut !== undefined && lastOut !== link) {
      link.from.out[link.outAt] = lastOut;
      lastOut.outAt = link.outAt;
    }
    const lastIn = link.to.in.pop();
    if (lastIn !== undefined && lastIn !== link) {
      link.to.in[link.inAt] = lastIn;
      lastIn.inAt = link.inAt;
    }
    return this.#links.delete(id);
  }

  /** Nodes so that every edge points from an earlier to a later one. */
  nodes(): string[] {
    return [...this.#nodes.values()].sort((a, b) => a.rank - b.rank).map(({ name }) => name);
  }

  #node(name: string): Node {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const node: Node = { name, rank: this.#nodes.size, out: [], in: [], seen: 0 };
    this.#nodes.set(name, node);
    return node;
  }

  /** Rank the nodes by how many steps of edges lead to them (Kahn); what lies on or behind a circle comes last. */
  #rankAll(edges: readonly Edge[]): void {
    const waiting = new Map<Node, number>();
    const out = new Map<Node, Node[]>();
    for (const { from, to } of edges) {
      const [source, target] = [this.#node(from), this.#node(to)];
      waiting.set(target, (waiting.get(target) ?? 0) + 1);
      const targets = out.get(source);
      if (targets) targets.push(target);
      else out.set(source, [target]);
    }
    const ready = [...this.#nodes.values()].filter((node) => !waiting.has(node));
    for (let next = 0; next < ready.length; next += 1) {
      const node = ready[next];
      if (node === undefined) break;
      node.rank = next;
      for (const target of out.get(node) ?? []) {
        const left = (waiting.get(target) ?? 0) - 1;
        waiting.set(target, left);
        if (left === 0) {
          waiting.delete(target);
          ready.push(target);
        }
      }
    }
    let rank = ready.length;
    for (const node of waiting.keys()) node.rank = rank++;
  }

  /** Reorder so that `from` comes before `to`; `false` when `to` already leads to `from`. */
  #makeRoom(from: Node, to: Node): boolean {
    const after = this.#reachForward(to, from);
    if (after === undefined) return false;
    const before = this.#reachBackward(from, to.rank);
    const byRank = (a: Node, b: Node): number => a.rank - b.rank;
    const moved = [...before.sort(byRank), ...after.sort(byRank)];
    const ranks = moved.map(({ rank }) => rank).sort((a, b) => a - b);
    moved.forEach((node, index) => (node.rank = ranks[index] ?? node.rank));
    return true;
  }

  /** What `start` leads to, no further than `goal`'s rank; undefined when it leads to `goal`. */
  #reachForward(start: Node, goal: Node): Node[] | undefined {
    const found = this.#begin(start);
    for (let next = 0; next < found.length; next += 1) {
      for (const { to } of found[next]?.out ?? []) {
        if (to === goal) return undefined;
        if (to.rank < goal.rank) this.#visit(to, found);
      }
    }
    return found;
  }

  #reachBackward(start: Node, lowest: number): Node[] {
    const found = this.#begin(start);
    for (let next = 0; next < found.length; next += 1) {
      for (const { from } of found[next]?.in ?? []) if (from.rank > lowest) this.#visit(from, found);
    }
    return found;
  }

  #begin(start: Node): Node[] {
    this.#search += 1;
    const found: Node[] = [];
    this.#visit(start, found);
    return found;
  }

  #visit(node: Node, found: Node[]): void {
    if (node.seen === this.#search) return;
    node.seen = this.#search;
    this.#visited += 1;
    found.push(node);
  }

  /** Breadth first; there is a path, and it stays between the ranks of its ends. */
  #shortestPath(start: Node, goal: Node): Edge[] {
    const cameBy = new Map<Node, Link>();
    const queue = this.#begin(start);
    search: for (let next = 0; next < queue.length; next += 1) {
      for (const link of queue[next]?.out ?? []) {
        if (link.to.rank > goal.rank || link.to.seen === this.#search) continue;
        cameBy.set(link.to, link);
        this.#visit(link.to, queue);
        if (link.to === goal) break search;
      }
    }
    const path: Edge[] = [];
    for (let link = cameBy.get(goal); link !== undefined; link = cameBy.get(link.from)) path.push(link.edge);
    return path.reverse();
  }
}
