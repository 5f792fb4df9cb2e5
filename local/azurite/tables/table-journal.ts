import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Journal, memoryJournal, openJournal } from '../../journal/journal.js';
import { type JournalRecord, toRecord } from '../../journal/record.js';
import { watchSize } from '../../journal/watch-size.js';
import { type Operation, Tables } from './tables.js';

/** A journal is rewritten above this, and from then on whenever it has tripled. */
const compactAboveBytes = 64 * 1024 * 1024;

/** Tables that outlive their process: what is kept was written before it is told. */
export class KeptTables {
  readonly tables: Tables;
  readonly #journal: Journal;
  readonly #compactIfGrown: () => void;

  constructor(tables: Tables, journal: Journal) {
    this.tables = tables;
    this.#journal = journal;
    this.#compactIfGrown = watchSize(journal, compactAboveBytes, () => toRecords(tables));
  }

  /** Keep operations, together or not at all. Resolves when they outlive this process. */
  async keep(operations: readonly Operation[]): Promise<void> {
    await this.#journal.append(operations.map((operation) => toRecord(operation)));
    this.#compactIfGrown();
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** Tables that are gone with this process. */
export function openInMemory(): KeptTables {
  return new KeptTables(new Tables(), memoryJournal());
}

/**
 * The tables as a folder keeps them. A journal that is mostly history is rewritten first.
 * @throws Error when the folder holds tables in the form that Azurite alone gives them
 */
export async function openInFolder(folder: string): Promise<KeptTables> {
  const other = path.join(folder, '__azurite_db_table__.json');
  if (existsSync(other)) {
    throw new Error(`${other} holds tables of an earlier build, which this one does not read; start with --fresh`);
  }
  const tables = new Tables();
  let written = 0;
  const journal = await openJournal(path.join(folder, 'tables.journal'), ({ header }) => {
    const operation = header as Operation; // only this program writes its journal
    if (operation.t === 'rows') written += operation.put.length + operation.gone.length;
    tables.apply(operation);
  });
  if (written > 2 * tables.countRows()) await journal.compact(toRecords(tables));
  return new KeptTables(tables, journal);
}

function* toRecords(tables: Tables): Iterable<JournalRecord> {
  for (const operation of tables.snapshot()) yield toRecord(operation);
}
