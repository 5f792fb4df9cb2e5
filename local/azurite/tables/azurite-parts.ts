import { createRequire } from 'node:module';
import type { Entity } from './row.js';
import type { TableModel } from './tables.js';

/** What Azurite hands around with a request. */
export type Context = object;

/** Azurite's refusals, as far as its store of tables makes them. */
interface StorageErrors {
  getEntityAlreadyExist(context: Context): Error;
  getEntityNotFound(context: Context): Error;
  getPreconditionFailed(context: Context): Error;
  getPropertiesNeedValue(context: Context): Error;
  getQueryConditionInvalid(context: Context): Error;
  getTableAlreadyExists(context: Context): Error;
  getTableNotExist(context: Context): Error;
  getTableNotFound(context: Context): Error;
  ResourceNotFound(context: Context): Error;
}

/** Azurite's reading of filters. @throws Error when a filter makes no sense */
interface Filters {
  generateQueryEntityWhereFunction(filter: string | undefined): (entity: Entity) => boolean;
  generateQueryTableWhereFunction(filter: string | undefined): (table: TableModel) => boolean;
}

/** Loads a module of Azurite. It has no types for what is inside; its version is pinned, and tests hold it to ours. */
export const loadAzurite = createRequire(createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js'));

export const { default: refusals } = loadAzurite('./table/errors/StorageErrorFactory') as { default: StorageErrors };
export const { default: filters } = loadAzurite('./table/persistence/LokiTableStoreQueryGenerator') as {
  default: Filters;
};
