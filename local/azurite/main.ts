import { answerPlainBatches } from './batches/answer-batches.js';
import { loadAzurite } from './tables/azurite-parts.js';
import { TableStore } from './tables/table-store.js';

/*
 * Loaded into Azurite before it starts. Its tables have another store behind them, which finds rows and ranges by key, as
 * on Azure, and keeps a change before it is answered; batches in which all is well are answered at once. What Azurite
 * answers is the same.
 */
const stores = loadAzurite('./table/persistence/LokiTableMetadataStore') as { default: typeof TableStore };
stores.default = TableStore;
answerPlainBatches();
