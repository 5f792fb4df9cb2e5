/* eslint max-params: off -- the signatures are Azurite's */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Context, filters, refusals } from './azurite-parts.js';
import { findRows, type PageStart } from './find-rows.js';
import { type Entity, fromRow, mergeInto, type Row, toRow } from './row.js';
import type { RowIndex } from './row-index.js';
import { type KeptTables, openInFolder, openInMemory } from './table-journal.js';
import type { Operation, ServiceModel, TableModel, TableName, Tables } from './tables.js';
import { Transactions } from './transactions.js';

interface QueryOptions {
  readonly filter?: string;
  readonly top?: number | null;
}

type Keys = Pick<Entity, 'PartitionKey' | 'RowKey'>;

const mostInPage = 1_000;

/**
 * Azurite's store of tables (its `ITableMetadataStore`), in the place of its own: rows are found by key, as the service
 * finds them, and outlive this process before a change is answered. Refusals and filters are Azurite's.
 */
export class TableStore {
  readonly #folder: string | undefined;
  #kept: KeptTables = openInMemory();
  #transactions = new Transactions(this.#kept);
  #state: 'new' | 'open' | 'closed' = 'new';

  /** As Azurite makes it: with the path of the file that its own store would write. */
  constructor(filePath: string, inMemory: boolean) {
    this.#folder = inMemory ? undefined : path.dirname(filePath);
  }

  get tables(): Tables {
    return this.#kept.tables;
  }

  /** Changes to rows, for whoever answers whole batches. */
  get transactions(): Transactions {
    return this.#transactions;
  }

  async init(): Promise<void> {
    if (this.#folder !== undefined) this.#kept = await openInFolder(this.#folder);
    this.#transactions = new Transactions(this.#kept);
    this.#state = 'open';
  }

  async close(): Promise<void> {
    await this.#kept.close();
    this.#state = 'closed';
  }

  async clean(): Promise<void> {
    if (this.#folder !== undefined) await rm(path.join(this.#folder, 'tables.journal'), { force: true });
  }

  isInitialized(): boolean {
    return this.#state !== 'new';
  }

  isClosed(): boolean {
    return this.#state === 'closed';
  }

  async createTable(context: Context, model: TableModel): Promise<void> {
    if (this.tables.find(model)) throw refusals.getTableAlreadyExists(context);
    await this.#apply({ t: 'table', model });
  }

  async deleteTable(context: Context, table: string, account: string): Promise<void> {
    if (!this.tables.find({ account, table })) throw refusals.ResourceNotFound(context);
    await this.#apply({ t: 'drop', name: { account, table } });
  }

  async setTableACL(account: string, table: string, context: Context, tableAcl?: unknown): Promise<void> {
    const model = await this.getTable(account, table, context);
    await this.#apply({ t: 'table', model: { ...model, tableAcl } });
  }

  async getTable(account: string, table: string, context: Context): Promise<TableModel> {
    const found = this.tables.find({ account, table });
    if (!found) throw refusals.getTableNotFound(context);
    return found.model;
  }

  async queryTable(
    context: Context,
    account: string,
    { filter, top }: QueryOptions,
    nextTable = '',
  ): Promise<[TableModel[], string | undefined]> {
    const limit = top ?? mostInPage;
    const matches = reading(context, () => filters.generateQueryTableWhereFunction(filter));
    const found = this.tables.of(account).filter((model) => model.table >= nextTable && matches(model));
    return [found.slice(0, limit), found[limit]?.table];
  }

  async getServiceProperties(_context: Context, account: string): Promise<ServiceModel | undefined> {
    return this.tables.findService(account);
  }

  async setServiceProperties(_context: Context, model: ServiceModel): Promise<ServiceModel> {
    const given = Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined));
    const merged = { ...this.tables.findService(model.accountName), ...given, accountName: model.accountName };
    await this.#apply({ t: 'service', model: merged });
    return merged;
  }

  async insertTableEntity(
    context: Context,
    table: string,
    account: string,
    entity: Entity,
    batchId?: string,
  ): Promise<Entity> {
    const rows = this.#rowsOf({ account, table }, context);
    if (rows.find(entity.PartitionKey, entity.RowKey)) throw refusals.getEntityAlreadyExist(context);
    await this.#put({ account, table }, entity, batchId);
    return entity;
  }

  async insertOrUpdateTableEntity(
    context: Context,
    table: string,
    account: string,
    entity: Entity,
    ifMatch?: string,
    batchId?: string,
  ): Promise<Entity> {
    this.#findMatching({ account, table }, entity, ifMatch, context);
    await this.#put({ account, table }, entity, batchId);
    return entity;
  }

  async insertOrMergeTableEntity(
    context: Context,
    table: string,
    account: string,
    entity: Entity,
    ifMatch?: string,
    batchId?: string,
  ): Promise<Entity> {
    const row = this.#findMatching({ account, table }, entity, ifMatch, context);
    await this.#put({ account, table }, entity, batchId, row && mergeInto(row, entity.properties, entity.eTag));
    return entity;
  }

  async deleteTableEntity(
    context: Context,
    table: string,
    account: string,
    partitionKey: string | undefined,
    rowKey: string | undefined,
    eTag: string,
    batchId?: string,
  ): Promise<void> {
    if (partitionKey === undefined || rowKey === undefined) throw refusals.getPropertiesNeedValue(context);
    this.#findMatching({ account, table }, { PartitionKey: partitionKey, RowKey: rowKey }, eTag, context);
    await this.#transactions.change({ account, table }, partitionKey, [{ rowKey, row: undefined }], batchId);
  }

  async queryTableEntities(
    context: Context,
    account: string,
    table: string,
    { filter, top }: QueryOptions,
    nextPartitionKey?: string,
    nextRowKey?: string,
  ): Promise<[Entity[], string | undefined, string | undefined]> {
    const rows = this.#rowsOf({ account, table }, context);
    const start = fromHeaders(nextPartitionKey, nextRowKey);
    const limit = Math.min(top ?? mostInPage, mostInPage);
    const { found, next } = reading(context, () => findRows(rows, filter, { start, limit }));
    return [found, next && toHeader(next.partitionKey), next && toHeader(next.rowKey)];
  }

  async queryTableEntitiesWithPartitionAndRowKey(
    context: Context,
    table: string,
    account: string,
    partitionKey: string,
    rowKey: string,
  ): Promise<Entity | undefined> {
    const row = this.#rowsOf({ account, table }, context).find(partitionKey, rowKey);
    return row && fromRow(partitionKey, row);
  }

  async beginBatchTransaction(batchId: string): Promise<void> {
    this.#transactions.begin(batchId);
  }

  async endBatchTransaction(
    _account: string,
    _table: string,
    batchId: string,
    _context: Context,
    succeeded: boolean,
  ): Promise<void> {
    await this.#transactions.end(batchId, succeeded);
  }

  #rowsOf(name: TableName, context: Context): RowIndex {
    const table = this.tables.find(name);
    if (!table) throw refusals.getTableNotExist(context);
    return table.rows;
  }

  /** The row that is to be changed; it must be there unless nothing is asked of it, and have this etag unless any will do. */
  #findMatching(name: TableName, keys: Keys, eTag: string | undefined, context: Context): Row | undefined {
    const row = this.#rowsOf(name, context).find(keys.PartitionKey, keys.RowKey);
    if (eTag === undefined) return row;
    if (!row) throw refusals.getEntityNotFound(context);
    if (eTag !== '*' && toCanonical(eTag) !== toCanonical(row.eTag)) throw refusals.getPreconditionFailed(context);
    return row;
  }

  #put(name: TableName, entity: Entity, batchId: string | undefined, row = toRow(entity)): Promise<void> {
    const change = { rowKey: entity.RowKey, row };
    return this.#transactions.change(name, entity.PartitionKey, [change], batchId);
  }

  #apply(operation: Operation): Promise<void> {
    this.tables.apply(operation);
    return this.#kept.keep([operation]);
  }
}

/** @throws Azurite's refusal of a filter that makes no sense */
function reading<T>(context: Context, read: () => T): T {
  try {
    return read();
  } catch {
    throw refusals.getQueryConditionInvalid(context);
  }
}

/** Clients send the colons of an etag's time as they are, or as in an URL. */
function toCanonical(eTag: string): string {
  return eTag.replaceAll(':', '%3A');
}

/** Where a page goes on stands in headers, which hold no letters of other alphabets. */
function toHeader(key: string): string {
  return Buffer.from(key).toString('base64');
}

function fromHeaders(partitionKey: string | undefined, rowKey: string | undefined): PageStart | undefined {
  if (partitionKey === undefined) return undefined;
  const fromHeader = (key: string): string => Buffer.from(key, 'base64').toString();
  return { partitionKey: fromHeader(partitionKey), rowKey: fromHeader(rowKey ?? '') };
}
