import { existsSync } from 'node:fs';
import path from 'node:path';
import { openJournal } from '../../journal/journal.js';
import type { JournalRecord } from '../../journal/record.js';
import { watchSize } from '../../journal/watch-size.js';
import { fromOperationRecord, toOperationRecord } from './operation-record.js';
import { type Operation, Tables } from './tables.js';

/** A journal is rewritten when it is above this and has tripled since it was opened or rewritten. */
const compactAboveBytes = 64 * 1024 * 1024;

/** Tables and where they are kept. */
export interface KeptTables {
  readonly tables: Tables;
  /** Keep operations that the tables have gone through, together or not at all. Resolves when they are kept. */
  keep(operations: readonly Operation[]): Promise<void>;
  close(): Promise<void>;
}

/** Tables that are gone with this process. */
export function openInMemory(): KeptTables {
  return { tables: new Tables(), keep: () => Promise.resolve(), close: () => Promise.resolve() };
}

/**
 * Tables that outlive this process, as a folder keeps them. A journal that is mostly history is rewritten first.
 * @throws Error when the folder holds tables in the form that Azurite alone gives them
 */
export async function openInFolder(folder: string): Promise<KeptTables> {
  const other = path.join(folder, '__azurite_db_table__.json');
  if (existsSync(other)) {
    throw new Error(`${other} holds tables of an earlier build, which this one does not read; start with --fresh`);
  }
  const tables = new Tables();
  let written = 0;
  const journal = await openJournal(path.join(folder, 'tables.journal'), (record) => {
    const operation = fromOperationRecord(record);
    if (operation.t === 'rows') written += operation.put.length + operation.gone.length;
    tables.apply(operation);
  });
  if (written > 2 * tables.countRows()) await journal.compact(toRecords(tables));
  const compactIfGrown = watchSize(journal, compactAboveBytes, () => toRecords(tables));
  return {
    tables,
    keep: async (operations) => {
      await journal.append(operations.map(toOperationRecord));
      compactIfGrown();
    },
    close: () => journal.close(),
  };
}

function* toRecords(tables: Tables): Iterable<JournalRecord> {
  for (const operation of tables.snapshot()) yield toOperationRecord(operation);
}
