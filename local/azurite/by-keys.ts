import { type PartitionRange, toPartitionRange } from './partition-range.js';
import { type KeyedRow, RowIndex } from './row-index.js';

type StoredRow = KeyedRow & { readonly $loki: number };

/** A table of lokijs. */
export interface Collection {
  readonly data: readonly StoredRow[];
  binaryIndices: Record<string, unknown>;
  on(event: 'insert' | 'update' | 'delete', listener: (row: StoredRow) => void): void;
  get(id: number, withPosition: true): [StoredRow, number] | null;
  chain(): ResultSet;
  findOne: (this: Collection, query: Readonly<Record<string, unknown>>) => StoredRow | null;
}

interface ResultSet {
  filteredrows: number[];
  filterInitialized: boolean;
}

type QueryArguments = [context: unknown, account: string, table: string, options: { filter?: string }, ...unknown[]];

/** Azurite's store of tables, as far as it looks for rows. */
export interface EntityStore {
  getEntityCollection(...args: unknown[]): Collection;
  queryTableEntities: (this: EntityStore, ...args: QueryArguments) => Promise<unknown>;
}

const indexes = new WeakMap<Collection, RowIndex<StoredRow>>();

/** The index of a table, made when it is first asked for and kept up from then on. */
function indexOf(collection: Collection): RowIndex<StoredRow> {
  const known = indexes.get(collection);
  if (known) return known;
  const index = new RowIndex(collection.data);
  collection.on('insert', (row) => index.add(row));
  // A merge stores another object in the row's place.
  collection.on('update', (row) => index.add(row));
  collection.on('delete', (row) => index.delete(row));
  // Its own indexes are by single columns; each removal walks through them.
  collection.binaryIndices = {};
  indexes.set(collection, index);
  return index;
}

/** Azurite looks for a row through its partition. */
export function findByKeys(collections: { prototype: Collection }): void {
  const findOne = collections.prototype.findOne;
  collections.prototype.findOne = function (query) {
    const { PartitionKey, RowKey } = query;
    if (typeof PartitionKey !== 'string' || typeof RowKey !== 'string') return findOne.call(this, query);
    return indexOf(this).find(PartitionKey, RowKey) ?? null;
  };
}

/** Azurite looks for a range through its table. What is found is the same: filters, order and pages stay its own. */
export function queryByKeys(stores: { prototype: EntityStore }): void {
  const { queryTableEntities } = stores.prototype;
  stores.prototype.queryTableEntities = function (...args) {
    const range = toPartitionRange(args[3].filter);
    if (range === undefined) return queryTableEntities.call(this, ...args);
    const getEntityCollection = (...of: unknown[]): { chain: () => ResultSet } => {
      const collection = this.getEntityCollection(...of);
      return { chain: () => toResultSet(collection, range) };
    };
    const narrowed = Object.create(this, { getEntityCollection: { value: getEntityCollection } }) as EntityStore;
    return queryTableEntities.call(narrowed, ...args);
  };
}

/** The rows of a range as what Azurite goes on to filter, sort and cut. */
function toResultSet(collection: Collection, { partitionKey, from, to }: PartitionRange): ResultSet {
  const rows = indexOf(collection).range(partitionKey, from, to);
  const found = collection.chain();
  found.filteredrows = rows.flatMap(({ $loki }) => collection.get($loki, true)?.[1] ?? []);
  found.filterInitialized = true;
  return found;
}
