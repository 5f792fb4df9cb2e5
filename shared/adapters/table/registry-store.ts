import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { RegistryDocument } from '../../contracts/registry.js';
import { RetryableError, TerminalError } from '../../ports/errors.js';
import type { RegistryPointer, RegistryStore, RegistryVersionInfo } from '../../ports/registry-store.js';
import { fromBinaryColumns, toBinaryColumns } from './json-column.js';
import { findRow, insertIfAbsent, listRows, type Row, transact } from './requests.js';
import type { Tables } from './tables.js';

const chunkBytes = 7 * 64 * 1024;
const infoRowKey = 'info';
const pointerKey = { partitionKey: 'pointer', rowKey: 'current' };
/** Counts up when keys or ids are made in another way, so that rows of before are not what is looked for. */
const layout = 2;

/**
 * Registry versions in Table Storage: gzipped chunks under the version, and one pointer row. The pointer remembers how
 * keys are made and over how many buckets rows are spread, because whoever assumes something else finds nothing and writes
 * beside what is there.
 */
export function createTableRegistryStore({ registry: table }: Tables, { buckets }: { buckets: number }): RegistryStore {
  async function pointer(): Promise<RegistryPointer | undefined> {
    const row = await findRow(table, pointerKey.partitionKey, pointerKey.rowKey);
    if (row) checkSpread(row, buckets);
    return row && fromPointerRow(row);
  }

  async function writeChunks(version: string, document: RegistryDocument): Promise<void> {
    const bytes = gzipSync(JSON.stringify(document));
    const count = Math.ceil(bytes.byteLength / chunkBytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    for (let index = 0; index < count; index += 1) {
      const columns = toBinaryColumns('Bytes', bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes));
      const rowKey = `chunk!${String(index).padStart(6, '0')}`;
      // Present already means an earlier apply of this very content was interrupted.
      await insertIfAbsent(table, { partitionKey: `v!${version}`, rowKey, Count: count, Sha256: sha256, ...columns });
    }
  }

  return {
    pointer,

    async load(version) {
      const rows = await listRows(table, `v!${version}`, { prefix: 'chunk!' });
      const bytes = Buffer.concat(rows.map((row) => fromBinaryColumns('Bytes', row)));
      const [first] = rows;
      if (first === undefined || rows.length !== first['Count']) {
        throw new RetryableError(`registry version ${version} is incomplete; run "outport registry apply" again`);
      }
      if (createHash('sha256').update(bytes).digest('hex') !== first['Sha256']) {
        throw new TerminalError(`registry version ${version} is damaged; run "outport registry apply" again`);
      }
      return RegistryDocument.parse(JSON.parse(gunzipSync(bytes).toString('utf8')));
    },

    async versions({ limit }) {
      const found: RegistryVersionInfo[] = [];
      for (let next = (await pointer())?.version; next !== undefined && found.length < limit;) {
        const row = await findRow(table, `v!${next}`, infoRowKey);
        if (row === undefined) break;
        const info = fromInfoRow(next, row);
        found.push(info);
        next = info.base;
      }
      return found;
    },

    async publish({ version, document, expected, appliedAt, appliedBy, reason }) {
      await writeChunks(version, document);
      // Only the chain from the pointer counts, so what an overtaken apply leaves here is never seen.
      const info = { Base: expected?.version, AppliedAt: appliedAt, AppliedBy: appliedBy, Reason: reason };
      await insertIfAbsent(table, { partitionKey: `v!${version}`, rowKey: infoRowKey, ...info });
      const spread = { Buckets: buckets, Layout: layout };
      const row = { ...pointerKey, Version: version, AppliedAt: appliedAt, AppliedBy: appliedBy, ...spread };
      if (expected === undefined) return insertIfAbsent(table, row);
      const { applied } = await transact(table, [['update', row, 'Replace', { etag: expected.etag }]]);
      return applied;
    },
  };
}

/** Worth a retry: the same call succeeds on an instance that has the right setting. @throws RetryableError */
function checkSpread({ Buckets: stored, Layout: made }: Row, buckets: number): void {
  if (made === layout && stored === buckets) return;
  const problem =
    made === layout
      ? `are spread over ${String(stored)} buckets, and OUTPORT_BUCKETS is ${buckets}; set it to ${String(stored)}`
      : 'were written by an earlier build, or a later one; name others with OUTPORT_TABLE_PREFIX, or start the embedded stack with --fresh';
  throw new RetryableError(`the rows of these tables ${problem}`);
}

function fromPointerRow(row: Row): RegistryPointer {
  return {
    version: String(row['Version']),
    appliedAt: String(row['AppliedAt']),
    appliedBy: String(row['AppliedBy']),
    etag: row.etag,
  };
}

function fromInfoRow(version: string, row: Row): RegistryVersionInfo {
  const text = (name: string): string | undefined => (typeof row[name] === 'string' ? row[name] : undefined);
  const [base, reason] = [text('Base'), text('Reason')];
  return {
    version,
    ...(base !== undefined && { base }),
    appliedAt: text('AppliedAt') ?? '',
    appliedBy: text('AppliedBy') ?? '',
    ...(reason !== undefined && { reason }),
  };
}
