import type { RegistryView } from './registry-view.js';
import { toInputs } from './subscription-inputs.js';

/** A data product in the graph of who feeds whom. */
export interface LineageNode {
  readonly product: string;
  readonly domain: string;
  readonly owner: string | null;
  readonly layer: string | null;
}

/** One port of one product that one subscription of another listens to. */
export interface LineageEdge {
  /** The owner of the port; null while nobody has declared it. */
  readonly from: string | null;
  readonly to: string;
  readonly port: string;
  readonly versions: string;
  readonly stage: string;
  readonly subscription: string;
}

/** Who feeds whom, for people and for drawing. */
export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

/** The graph of a registry, or of one stage of it. Subscriptions on undeclared ports are shown without a source. */
export function toLineage({ products, ports, subscriptions }: RegistryView, stage?: string): Lineage {
  const owners = new Map(ports.map((port) => [port.key, port.dataProduct]));
  const shown = subscriptions.filter((subscription) => stage === undefined || subscription.stage === stage);
  return {
    nodes: products.map(({ key, owner, layer }) => {
      return { product: key, domain: key.split('.')[1] ?? '', owner, layer: layer ?? null };
    }),
    edges: shown.flatMap((subscription) =>
      toInputs(subscription).map(({ port, versions }) => {
        const { key, consumer: to } = subscription;
        return { from: owners.get(port) ?? null, to, port, versions, stage: subscription.stage, subscription: key };
      }),
    ),
  };
}

/** As text for Mermaid (https://mermaid.js.org): products by domain, dashed lines from ports nobody declared. */
export function toMermaid({ nodes, edges }: Lineage): string {
  const ids = toIds({ nodes, edges });
  const domains = [...new Set(nodes.map(({ domain }) => domain))].sort();
  const lines = domains.flatMap((domain) => [
    `  subgraph ${ids.get(domain) ?? ''}["${domain}"]`,
    ...nodes
      .filter((node) => node.domain === domain)
      .map(({ product, layer }) => {
        return `    ${ids.get(product) ?? ''}["${product}${layer === null ? '' : `<br/>${layer}`}"]`;
      }),
    '  end',
  ]);
  const unresolved = [...new Set(edges.filter(({ from }) => from === null).map(({ port }) => port))].sort();
  const ghosts = unresolved.map((port) => `  ${ids.get(port) ?? ''}(["${port} (not declared)"])`);
  const arrows = edges.map(({ from, to, port, versions, stage }) => {
    const label = `${port.split('.')[3] ?? port} ${toPlain(versions)} ${stage}`;
    return `  ${ids.get(from ?? port) ?? ''} ${from === null ? '-.->' : '-->'}|"${label}"| ${ids.get(to) ?? ''}`;
  });
  return ['flowchart LR', ...lines, ...ghosts, ...arrows, ''].join('\n');
}

/** As text for Graphviz. */
export function toDot({ nodes, edges }: Lineage): string {
  const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const boxes = nodes.map(({ product, layer }) => {
    return `  ${quote(product)} [label=${quote(layer === null ? product : `${product}\n${layer}`)}];`;
  });
  const unresolved = [...new Set(edges.filter(({ from }) => from === null).map(({ port }) => port))].sort();
  const ghosts = unresolved.map((port) => `  ${quote(port)} [style=dashed];`);
  const arrows = edges.map(({ from, to, port, versions, stage }) => {
    const label = `${port.split('.')[3] ?? port} ${versions} ${stage}`;
    return `  ${quote(from ?? port)} -> ${quote(to)} [label=${quote(label)}${from === null ? ', style=dashed' : ''}];`;
  });
  return ['digraph outport {', '  rankdir=LR;', '  node [shape=box];', ...boxes, ...ghosts, ...arrows, '}', ''].join(
    '\n',
  );
}

/** Short names without a meaning in any grammar, the same for the same graph. */
function toIds({ nodes, edges }: Lineage): ReadonlyMap<string, string> {
  const names = nodes.flatMap(({ domain, product }) => [domain, product]);
  const all = new Set([...names, ...edges.flatMap(({ from, to, port }) => [from ?? port, to])]);
  return new Map([...all].map((name, index) => [name, `n${index}`]));
}

/** Version ranges hold characters that end a label. */
function toPlain(text: string): string {
  return text.replace(/[^\w.*^~ -]/g, (character) => `#${character.charCodeAt(0)};`);
}
