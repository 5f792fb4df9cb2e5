import type { Row } from './row.js';
import type { KeptTables } from './table-journal.js';
import type { Operation, TableName } from './tables.js';

/** A row that is put in the place of the one with its key, or taken out when there is none. */
export interface RowChange {
  readonly rowKey: string;
  readonly row: Row | undefined;
}

interface Step {
  readonly name: TableName;
  readonly partitionKey: string;
  readonly rowKey: string;
  /** What stood there before the step. */
  readonly before: Row | undefined;
}

/**
 * Changes to rows. They are seen at once, and kept before they are told: alone, or with all others of their transaction
 * when that ends. A transaction that fails leaves every row as it was.
 */
export class Transactions {
  readonly #kept: KeptTables;
  readonly #open = new Map<string, Step[]>();

  constructor(kept: KeptTables) {
    this.#kept = kept;
  }

  begin(id: string): void {
    this.#open.set(id, []);
  }

  /** Change rows of one partition, all or none. In a transaction nothing is kept until it ends. */
  async change(name: TableName, partitionKey: string, changes: readonly RowChange[], id?: string): Promise<void> {
    const steps = id === undefined ? undefined : this.#open.get(id);
    steps?.push(...changes.map(({ rowKey }) => this.#toStep(name, partitionKey, rowKey)));
    const operation = toOperation(name, partitionKey, changes);
    this.#kept.tables.apply(operation);
    if (steps === undefined) await this.#kept.keep([operation]);
  }

  /**
   * End a transaction: keep all of it, or undo it. What is undone is kept too: a journal that was rewritten meanwhile may
   * hold what the transaction had done by then.
   */
  async end(id: string, succeeded: boolean): Promise<void> {
    const steps = this.#open.get(id) ?? [];
    this.#open.delete(id);
    if (!succeeded) {
      for (const { name, partitionKey, rowKey, before } of steps.toReversed()) {
        this.#kept.tables.apply(toOperation(name, partitionKey, [{ rowKey, row: before }]));
      }
    }
    await this.#kept.keep(steps.map((step) => this.#toKept(step)));
  }

  #toStep(name: TableName, partitionKey: string, rowKey: string): Step {
    return { name, partitionKey, rowKey, before: this.#find(name, partitionKey, rowKey) };
  }

  #toKept({ name, partitionKey, rowKey }: Step): Operation {
    return toOperation(name, partitionKey, [{ rowKey, row: this.#find(name, partitionKey, rowKey) }]);
  }

  #find(name: TableName, partitionKey: string, rowKey: string): Row | undefined {
    return this.#kept.tables.find(name)?.rows.find(partitionKey, rowKey);
  }
}

function toOperation(name: TableName, partitionKey: string, changes: readonly RowChange[]): Operation {
  const { account, table } = name;
  return {
    t: 'rows',
    name: { account, table },
    partitionKey,
    put: changes.flatMap(({ row }) => row ?? []),
    gone: changes.flatMap(({ rowKey, row }) => (row ? [] : [rowKey])),
  };
}
