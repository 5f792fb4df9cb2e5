import { ReplayJob } from '../../contracts/replay-job.js';
import type { ReplayStore } from '../../ports/replay-store.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { findRow, listRows, toWrite, transact } from './requests.js';
import type { Tables } from './tables.js';

const partitionKey = 'replays';
const toRowKey = (name: string): string => `replay!${name}`;

/** Replays in Table Storage, one row each. */
export function createTableReplayStore({ operations: table }: Tables): ReplayStore {
  const toRow = (job: ReplayJob) => ({
    partitionKey,
    rowKey: toRowKey(job.name),
    State: job.state,
    ...toJsonColumns('Job', job),
  });
  const fromRow = (row: Readonly<Record<string, unknown>>): ReplayJob => ReplayJob.parse(fromJsonColumns('Job', row));

  return {
    async create(job) {
      const outcome = await transact(table, [toWrite(toRow(job), undefined)]);
      return outcome.applied ? { job, etag: outcome.etags.get(toRowKey(job.name)) ?? '' } : undefined;
    },
    async get(name) {
      const row = await findRow(table, partitionKey, toRowKey(name));
      return row && { job: fromRow(row), etag: row.etag };
    },
    async update(job, etag) {
      const outcome = await transact(table, [toWrite(toRow(job), { etag })]);
      return outcome.applied ? { job, etag: outcome.etags.get(toRowKey(job.name)) ?? '' } : undefined;
    },
    async list(limit, state) {
      if (state === undefined)
        return (await listRows(table, partitionKey, { prefix: toRowKey(''), limit })).map(fromRow);
      const rows = await listRows(table, partitionKey, { prefix: toRowKey('') });
      return rows
        .filter((row) => row['State'] === state)
        .slice(0, limit)
        .map(fromRow);
    },
  };
}
