import { createRequire } from 'node:module';
import { answerBatchesWithoutCopies, type BatchHandler, type BatchParts } from './batches.js';
import { type Collection, type EntityStore, findByKeys, queryByKeys } from './by-keys.js';
import { type Handler, measureWithoutCopies, type Sizes } from './sizes.js';
import { saveInLines, type TableStore } from './table-file.js';

/*
 * Loaded into Azurite before it starts. Rows and ranges are found by key, as on Azure; tables are saved in lines, and
 * measured and written without copies, so that nothing gets slower with what is stored. What Azurite answers is the same.
 */
const load = createRequire(createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js'));
// Neither package has types for what is inside; the version of Azurite is pinned, and a test holds it to this.
const { Collection: collections } = load('lokijs') as { Collection: { prototype: Collection } };
const { default: stores } = load('./table/persistence/LokiTableMetadataStore') as {
  default: { prototype: EntityStore & TableStore };
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
