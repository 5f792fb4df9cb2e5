import type { Row } from './row.js';
import { RowIndex } from './row-index.js';

/** What Azurite keeps of a table itself. */
export interface TableModel {
  readonly account: string;
  readonly table: string;
  readonly tableAcl?: unknown;
}

/** What Azurite keeps of the table service of an account. */
export interface ServiceModel {
  readonly accountName: string;
}

/** Names of tables are the same in capitals and small letters. */
export type TableName = Pick<TableModel, 'account' | 'table'>;

/** One step of what the tables went through, as the journal keeps it. */
export type Operation =
  | { readonly t: 'table'; readonly model: TableModel }
  | { readonly t: 'drop'; readonly name: TableName }
  | { readonly t: 'service'; readonly model: ServiceModel }
  /** Rows of one partition: put in the place of those with their keys, or taken out by key. */
  | {
      readonly t: 'rows';
      readonly name: TableName;
      readonly partitionKey: string;
      readonly put: readonly Row[];
      readonly gone: readonly string[];
    };

export interface Table {
  readonly model: TableModel;
  readonly rows: RowIndex;
}

/** Rows in one operation of a snapshot. */
const rowsPerOperation = 100;

/** All tables of all accounts, in memory. */
export class Tables {
  readonly #tables = new Map<string, Table>();
  readonly #services = new Map<string, ServiceModel>();

  find(name: TableName): Table | undefined {
    return this.#tables.get(toKey(name));
  }

  /** Tables of an account by name. */
  of(account: string): TableModel[] {
    const models = [...this.#tables.values()].map(({ model }) => model);
    return models.filter((model) => model.account === account).sort((a, b) => (a.table < b.table ? -1 : 1));
  }

  findService(account: string): ServiceModel | undefined {
    return this.#services.get(account);
  }

  countRows(): number {
    return [...this.#tables.values()].reduce((sum, { rows }) => sum + rows.size, 0);
  }

  apply(operation: Operation): void {
    switch (operation.t) {
      case 'table':
        return void this.#tables.set(toKey(operation.model), {
          model: operation.model,
          rows: this.find(operation.model)?.rows ?? new RowIndex(),
        });
      case 'drop':
        return void this.#tables.delete(toKey(operation.name));
      case 'service':
        return void this.#services.set(operation.model.accountName, operation.model);
      case 'rows':
        return applyRows(operation, this.find(operation.name)?.rows);
      default:
        return operation satisfies never;
    }
  }

  /** The operations that lead to the state of this moment, whatever changes while they are gone through. */
  snapshot(): Iterable<Operation> {
    const services = [...this.#services.values()].map((model): Operation => ({ t: 'service', model }));
    const tables = [...this.#tables.values()].map(({ model, rows }) => ({ model, partitions: rows.snapshot() }));
    return toOperations(services, tables);
  }
}

function toKey({ account, table }: TableName): string {
  return `${account}$${table.toLowerCase()}`;
}

/** A table that was dropped later has operations but no rows; they are void. */
function applyRows({ partitionKey, put, gone }: Extract<Operation, { t: 'rows' }>, rows: RowIndex | undefined): void {
  for (const row of put) rows?.set(partitionKey, row);
  for (const rowKey of gone) rows?.delete(partitionKey, rowKey);
}

function* toOperations(
  services: readonly Operation[],
  tables: readonly { model: TableModel; partitions: ReturnType<RowIndex['snapshot']> }[],
): Iterable<Operation> {
  yield* services;
  for (const { model, partitions } of tables) {
    yield { t: 'table', model };
    for (const { partitionKey, rows } of partitions) yield* toRowOperations(model, partitionKey, rows);
  }
}

function* toRowOperations(name: TableName, partitionKey: string, rows: Iterable<Row>): Iterable<Operation> {
  let put: Row[] = [];
  for (const row of rows) {
    put.push(row);
    if (put.length < rowsPerOperation) continue;
    yield { t: 'rows', name, partitionKey, put, gone: [] };
    put = [];
  }
  if (put.length > 0) yield { t: 'rows', name, partitionKey, put, gone: [] };
}
