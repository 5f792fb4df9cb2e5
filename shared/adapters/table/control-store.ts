import { z } from 'zod';
import { Pause } from '../../contracts/controls.js';
import type { ControlState, ControlStore } from '../../ports/control-store.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { findRow, toWrite, transact } from './requests.js';
import type { Tables } from './tables.js';

const key = { partitionKey: 'controls', rowKey: 'pauses' };
const Pauses = z.array(Pause);

/** All pauses in one row, so that reading them costs one point read and a change is one conditional write. */
export function createTableControlStore({ operations: table }: Tables): ControlStore {
  async function read(): Promise<ControlState> {
    const row = await findRow(table, key.partitionKey, key.rowKey);
    if (row === undefined) return { pauses: [], etag: 'none' };
    return { pauses: Pauses.parse(fromJsonColumns('Pauses', row)), etag: row.etag };
  }

  return {
    read,
    async replace(pauses, etag) {
      const row = { ...key, ...toJsonColumns('Pauses', pauses) };
      const outcome = await transact(table, [toWrite(row, etag === 'none' ? undefined : { etag })]);
      return outcome.applied ? { pauses, etag: outcome.etags.get(key.rowKey) ?? '' } : undefined;
    },
  };
}
