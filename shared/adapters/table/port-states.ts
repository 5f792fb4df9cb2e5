import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { PortState } from '../../contracts/port-state.js';
import { freshPortState } from '../../domain/circuit-breaker.js';
import { RetryableError } from '../../ports/errors.js';
import type { PortStateKey, PortStates } from '../../ports/port-states.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { toPartitionOf } from './keys.js';
import { findRow, type Row, transact } from './requests.js';
import type { Tables } from './tables.js';

/** Attempts at a row that others keep changing under us. */
const maxRaces = 10;

/** Port states in the ledger's table, one row each. */
export function createTablePortStates({ ledger: table }: Tables, { buckets }: { buckets: number }): PortStates {
  const find = ({ stage, port }: PortStateKey): Promise<Row | undefined> =>
    findRow(table, toPartitionOf(stage, port, buckets), `port!${port}`);

  return {
    load: (keys) => Promise.all(keys.map(async (key) => fromRow(await find(key)))),

    async advance(key, step) {
      for (let race = 0; race < maxRaces; race += 1) {
        const row = await find(key);
        const before = fromRow(row);
        const after = step(before);
        if (after === before) return before;
        const entity: TableEntity = {
          partitionKey: toPartitionOf(key.stage, key.port, buckets),
          rowKey: `port!${key.port}`,
          ...toJsonColumns('State', after),
        };
        const action: TransactionAction =
          row === undefined ? ['create', entity] : ['update', entity, 'Replace', { etag: row.etag }];
        if ((await transact(table, [action])).applied) return after;
      }
      throw new RetryableError(`the state of ${key.port} changed ${maxRaces} times while it was being changed`);
    },
  };
}

function fromRow(row: Row | undefined): PortState {
  return row ? PortState.parse(fromJsonColumns('State', row)) : freshPortState;
}
