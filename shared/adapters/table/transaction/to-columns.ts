import type { Edm, EdmTypes } from '@azure/data-tables';

type Column = string | number | boolean | null;

const renamed: Readonly<Record<string, string>> = {
  partitionKey: 'PartitionKey',
  rowKey: 'RowKey',
  etag: 'odata.etag',
  timestamp: 'Timestamp',
};

/**
 * A row as the columns of its JSON, each with its type beside it where JSON has none of its own. Columns that are
 * undefined are left out. Source: "Payload format for Table Storage operations", and what the client makes of a row.
 * @throws Error naming the column when the service has no type for its value
 */
export function toColumns(row: Readonly<Record<string, unknown>>): Record<string, Column> {
  const columns: Record<string, Column> = {};
  for (const name in row) {
    const value = row[name];
    if (value !== undefined) addColumn(columns, renamed[name] ?? name, value);
  }
  return columns;
}

function addColumn(columns: Record<string, Column>, name: string, value: unknown): void {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      columns[name] = value;
      return;
    case 'bigint':
      return addTyped(columns, name, { type: 'Int64', value: String(value) });
    default:
      if (value === null) columns[name] = null;
      else addTyped(columns, name, toTyped(name, value));
  }
}

function addTyped(columns: Record<string, Column>, name: string, { type, value }: Typed): void {
  columns[name] = value;
  columns[`${name}@odata.type`] = `Edm.${type}`;
}

interface Typed {
  readonly type: EdmTypes;
  readonly value: Column;
}

function toTyped(name: string, value: unknown): Typed {
  if (value instanceof Uint8Array) return { type: 'Binary', value: toBase64(value) };
  if (value instanceof Date) return { type: 'DateTime', value: value.toISOString() };
  if (isEdm(value)) return value;
  throw new Error(`column ${name} has a value that Table Storage has no type for: ${String(value)}`);
}

function toBase64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function isEdm(value: unknown): value is Edm<EdmTypes> {
  return typeof value === 'object' && value !== null && 'type' in value && 'value' in value;
}
