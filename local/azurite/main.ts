import { createRequire } from 'node:module';
import { answerBatchesWithoutCopies, type BatchHandler, type BatchParts } from './batches.js';
import { type Handler, measureWithoutCopies, type Sizes } from './sizes.js';
import { type KeyedRow, RowIndex } from './row-index.js';
import { type PartitionRange, toPartitionRange } from './partition-range.js';
import { keepInLines, type StoredDatabase } from './table-file.js';

/**
 * Loaded into Azurite before it starts. Azurite finds a row by looking through its partition, and a range by looking
 * through its table, so that everything gets slower with what is stored; on Azure both go by key. Here they do too.
 * What is found is the same: filters, order, etags and pages stay Azurite's own.
 */
type StoredRow = KeyedRow & { readonly $loki: number };

interface Collection {
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

interface EntityStore {
  readonly db: StoredDatabase;
  init: (this: EntityStore) => Promise<void>;
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

function findByKeys(collections: { prototype: Collection }): void {
  const findOne = collections.prototype.findOne;
  collections.prototype.findOne = function (query) {
    const { PartitionKey, RowKey } = query;
    if (typeof PartitionKey !== 'string' || typeof RowKey !== 'string') return findOne.call(this, query);
    return indexOf(this).find(PartitionKey, RowKey) ?? null;
  };
}

function saveInLines(stores: { prototype: EntityStore }): void {
  const { init } = stores.prototype;
  stores.prototype.init = function () {
    keepInLines(this.db);
    return init.call(this);
  };
}

function queryByKeys(stores: { prototype: EntityStore }): void {
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

const load = createRequire(createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js'));
// Neither package has types for what is inside; the version of Azurite is pinned, and a test holds it to this.
const { Collection: collections } = load('lokijs') as { Collection: { prototype: Collection } };
const { default: stores } = load('./table/persistence/LokiTableMetadataStore') as {
  default: { prototype: EntityStore };
};
const { default: handlers } = load('./table/handlers/TableHandler') as {
  default: { prototype: Handler & BatchHandler };
};
findByKeys(collections);
queryByKeys(stores);
saveInLines(stores);
measureWithoutCopies(load('./table/utils/utils') as Sizes, handlers);
const constants = load('./table/utils/constants') as { TABLE_API_VERSION: string; BODY_SIZE_MAX: number };
answerBatchesWithoutCopies({
  handlers,
  boundaries: (load('./table/batch/BatchSerialization') as { BatchSerialization: BatchParts['boundaries'] })
    .BatchSerialization,
  streams: (load('./table/batch/TableBatchUtils') as { default: BatchParts['streams'] }).default,
  Orchestrator: (load('./table/batch/TableBatchOrchestrator') as { default: BatchParts['Orchestrator'] }).default,
  TableContext: (load('./table/context/TableStorageContext') as { default: BatchParts['TableContext'] }).default,
  version: constants.TABLE_API_VERSION,
  maxBodyBytes: constants.BODY_SIZE_MAX,
});
