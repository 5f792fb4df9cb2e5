import type { TableEntity } from '@azure/data-tables';
import { PortState } from '../../contracts/port-state.js';
import { freshPortState } from '../../domain/circuit-breaker.js';
import type { PortStateKey, PortStates } from '../../ports/port-states.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { toPartitionOf } from './keys.js';
import { findRow, raced, type Row, toWrite, transact, untilApplied } from './requests.js';
import type { Tables } from './tables.js';

/** Port states in the ledger's table, one row each. */
export function createTablePortStates({ ledger: table }: Tables, { buckets }: { buckets: number }): PortStates {
  const find = ({ stage, port }: PortStateKey): Promise<Row | undefined> =>
    findRow(table, toPartitionOf(stage, port, buckets), `port!${port}`);

  return {
    load: (keys) => Promise.all(keys.map(async (key) => fromRow(await find(key)))),

    async advance(key, step) {
      return untilApplied(`the state of ${key.port}`, async () => {
        const row = await find(key);
        const before = fromRow(row);
        const after = step(before);
        if (after === before) return before;
        const entity: TableEntity = {
          partitionKey: toPartitionOf(key.stage, key.port, buckets),
          rowKey: `port!${key.port}`,
          ...toJsonColumns('State', after),
        };
        return (await transact(table, [toWrite(entity, row)])).applied ? after : raced;
      });
    },
  };
}

function fromRow(row: Row | undefined): PortState {
  return row ? PortState.parse(fromJsonColumns('State', row)) : freshPortState;
}
