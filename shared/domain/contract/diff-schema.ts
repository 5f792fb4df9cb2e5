import type { ContractProperty } from '../../contracts/registry/data-contract.js';
import type { ContractChange } from './contract-change.js';
import { diffConstraints } from './diff-constraints.js';
import { diffMembers } from './diff-members.js';
import { diffQuality } from './diff-promises.js';
import type { SchemaNode } from './schema-tree.js';

/** One element on both sides: what counts (the node) and everything as written (the raw property). */
interface Element {
  readonly node: SchemaNode;
  readonly raw: ContractProperty;
}

/** Compare two lists of objects or properties, matched by name. */
export function diffElements(
  path: string,
  before: { nodes: readonly SchemaNode[]; raw: readonly ContractProperty[] },
  after: { nodes: readonly SchemaNode[]; raw: readonly ContractProperty[] },
): ContractChange[] {
  const old = toElements(before);
  const now = toElements(after);
  const removed = [...old.keys()].filter((name) => !now.has(name)).map((name) => toRemoved(`${path}.${name}`));
  const rest = [...now].flatMap(([name, element]) => {
    const earlier = old.get(name);
    return earlier === undefined
      ? [toAdded(`${path}.${name}`, element.node)]
      : diffElement(`${path}.${name}`, earlier, element);
  });
  return [...removed, ...rest];
}

function toElements({ nodes, raw }: { nodes: readonly SchemaNode[]; raw: readonly ContractProperty[] }) {
  const written = new Map(raw.map((property) => [property.name ?? '', property]));
  const pairs = nodes.flatMap((node): [string, Element][] => {
    const own = written.get(node.name);
    return own === undefined ? [] : [[node.name, { node, raw: own }]];
  });
  return new Map(pairs);
}

function toRemoved(path: string): ContractChange {
  return { kind: 'breaking', code: 'element-removed', path, message: 'is gone' };
}

function toAdded(path: string, node: SchemaNode): ContractChange {
  return { kind: 'additive', code: 'element-added', path, message: `is new (${node.type})` };
}

function diffElement(path: string, before: Element, after: Element): ContractChange[] {
  return [
    ...diffType(path, before.node, after.node),
    ...diffPromise(path, 'required', before.node.required, after.node.required),
    ...diffPromise(path, 'unique', before.raw.unique === true, after.raw.unique === true),
    ...diffKey(path, before.node, after.node),
    ...diffConstraints(path, before.raw, after.raw),
    ...diffQuality(`${path}.quality`, before.raw.quality ?? [], after.raw.quality ?? []),
    ...diffMembers(path, before.raw, after.raw, compared),
    ...diffInside(path, before, after),
  ];
}

/** Members that are compared with knowledge of what they mean. */
const compared = new Set([
  'name',
  'logicalType',
  'logicalTypeOptions',
  'enum',
  'required',
  'unique',
  'primaryKey',
  'primaryKeyPosition',
  'quality',
  'properties',
  'items',
  'map',
]);

function diffType(path: string, before: SchemaNode, after: SchemaNode): ContractChange[] {
  if (before.type === after.type) return [];
  // Whoever copes with any number copes with whole ones.
  const narrowed = before.type === 'number' && after.type === 'integer';
  const message = `logical type was ${before.type}, is ${after.type}`;
  return [{ kind: narrowed ? 'additive' : 'breaking', code: 'type-changed', path, message }];
}

/** Something readers may rely on: to promise it is safe, to take it back is not. */
function diffPromise(path: string, what: string, before: boolean, after: boolean): ContractChange[] {
  if (before === after) return [];
  return after
    ? [{ kind: 'additive', code: `${what}-added`, path, message: `is ${what} now` }]
    : [{ kind: 'breaking', code: `${what}-dropped`, path, message: `is no longer ${what}` }];
}

function diffKey(path: string, before: SchemaNode, after: SchemaNode): ContractChange[] {
  if (before.key === after.key) return [];
  const text = (key: SchemaNode['key']): string =>
    key === false ? 'no part of the primary key' : key === true ? 'part of the primary key' : `key part ${key}`;
  const message = `was ${text(before.key)}, is ${text(after.key)}`;
  return [{ kind: 'breaking', code: 'primary-key-changed', path, message }];
}

function diffInside(path: string, before: Element, after: Element): ContractChange[] {
  const children = (element: Element) => ({
    nodes: element.node.properties ?? [],
    raw: element.raw.properties ?? [],
  });
  return [
    ...diffElements(path, children(before), children(after)),
    ...diffSide(`${path}[]`, toItems(before), toItems(after)),
    ...diffSide(`${path}{key}`, toMapSide(before, 'key'), toMapSide(after, 'key')),
    ...diffSide(`${path}{value}`, toMapSide(before, 'value'), toMapSide(after, 'value')),
  ];
}

function toItems({ node, raw }: Element): Element | undefined {
  return node.items && raw.items ? { node: node.items, raw: raw.items } : undefined;
}

function toMapSide({ node, raw }: Element, side: 'key' | 'value'): Element | undefined {
  return node.map && raw.map ? { node: node.map[side], raw: raw.map[side] } : undefined;
}

function diffSide(path: string, before: Element | undefined, after: Element | undefined): ContractChange[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) {
    return [{ kind: 'additive', code: 'element-added', path, message: `is described (${after?.node.type})` }];
  }
  if (after === undefined) return [toRemoved(path)];
  return diffElement(path, before, after);
}
