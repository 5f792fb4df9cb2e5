import type { ContractProperty, DataContract } from '../../contracts/registry/data-contract.js';

/** Part of the primary key: alone (or without a position) `true`, else its position. */
export type KeyPart = boolean | number;

/** What a schema says about one object or property, without everything that does not count for its identity. */
export interface SchemaNode {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly key: KeyPart;
  /** Sorted by name. */
  readonly properties?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly map?: { readonly key: SchemaNode; readonly value: SchemaNode };
}

/** A schema nobody could tell apart: two members of one object with the same name, or a member without a name. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** The schema of a contract in its canonical form, objects sorted by name. @throws SchemaError */
export function toSchemaTree({ schema }: Pick<DataContract, 'schema'>): SchemaNode[] {
  return toNodes(schema ?? [], { path: 'schema', required: new Set(), defaultType: 'object' });
}

interface Level {
  readonly path: string;
  /** Names that the enclosing object lists in `logicalTypeOptions.required`. */
  readonly required: ReadonlySet<string>;
  readonly defaultType: string;
}

function toNodes(properties: readonly ContractProperty[], level: Level): SchemaNode[] {
  const keys = properties.filter(({ primaryKey }) => primaryKey === true).length;
  const seen = new Set<string>();
  const nodes = properties.map((property, index) => {
    const { name } = property;
    if (typeof name !== 'string') throw new SchemaError(`${level.path}[${index}] has no name; give it one`);
    if (seen.has(name)) throw new SchemaError(`${level.path} has "${name}" twice; rename or remove one`);
    seen.add(name);
    const required = property.required === true || level.required.has(name);
    return { ...toNode(property, { ...level, path: `${level.path}.${name}` }), required, key: toKey(property, keys) };
  });
  return nodes.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function toNode(property: ContractProperty, { path, defaultType }: Level): SchemaNode {
  const { properties, items, map } = property;
  const required = new Set(toNames(property.logicalTypeOptions?.['required']));
  const inner = toNodes(properties ?? [], { path, required, defaultType: 'any' });
  const side = (one: ContractProperty, name: string): SchemaNode =>
    toNode({ ...one, name }, { path: `${path}.${name}`, required, defaultType: 'any' });
  return {
    name: property.name ?? '',
    type: property.logicalType ?? (properties ? 'object' : items ? 'array' : map ? 'map' : defaultType),
    required: property.required === true,
    key: false,
    ...(inner.length > 0 && { properties: inner }),
    // The items of an array have no name of their own; one that is written is a comment.
    ...(items && { items: side(items, '') }),
    ...(map && { map: { key: side(map.key, 'key'), value: side(map.value, 'value') } }),
  };
}

/** A key of one part has no order, so its position does not count. */
function toKey({ primaryKey, primaryKeyPosition }: ContractProperty, keys: number): KeyPart {
  if (primaryKey !== true) return false;
  const position = primaryKeyPosition ?? -1;
  return keys === 1 || position < 1 ? true : position;
}

function toNames(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
