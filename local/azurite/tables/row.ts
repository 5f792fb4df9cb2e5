/** What a column holds: what JSON has; types beyond it stand beside the column, as `<name>@odata.type`. */
export type Columns = Record<string, unknown>;

/** A row as it is kept. It never changes: a change puts another in its place. */
export interface Row {
  readonly rowKey: string;
  /** Names the time of the last change. */
  readonly eTag: string;
  /** Columns as one text: V8 marks it at once, an object member by member. What it says of keys and time is void. */
  readonly json: string;
  /** What was merged into the columns since, as columns: a row of many columns is not written anew for a few. */
  readonly merged?: string;
}

/** A row as Azurite hands it around. */
export interface Entity {
  readonly PartitionKey: string;
  readonly RowKey: string;
  readonly eTag: string;
  readonly lastModifiedTime: string;
  readonly properties: Columns;
}

export const typeSuffix = '@odata.type';
const eTagName = 'odata.etag';
const kept = new Set(['PartitionKey', 'RowKey', 'Timestamp', `Timestamp${typeSuffix}`, eTagName]);

/** Whether a column is part of every row and not among the row's own. */
export function isKeptApart(name: string): boolean {
  return kept.has(name);
}

export function toRow({ RowKey, eTag, properties }: Omit<Entity, 'lastModifiedTime'>): Row {
  return { rowKey: RowKey, eTag, json: JSON.stringify(properties) };
}

/** A row's columns, those that have a value. */
export function toColumns({ json, merged }: Row): Columns {
  const columns = parseColumns(json);
  for (const name in columns) if (columns[name] === null || name === eTagName) delete columns[name];
  return merged === undefined ? columns : mergeColumns(columns, parseColumns(merged));
}

/** The row when columns are merged into it. */
export function mergeInto(row: Row, columns: Columns, eTag: string): Row {
  const merged = row.merged === undefined ? columns : mergeColumns(parseColumns(row.merged), columns);
  return { ...row, eTag, merged: JSON.stringify(merged) };
}

function parseColumns(json: string): Columns {
  return JSON.parse(json) as Columns; // written from columns
}

export function fromRow(partitionKey: string, row: Row): Entity {
  return new StoredEntity(partitionKey, row);
}

/** Columns are read when they are asked for: most filters look at keys alone. */
class StoredEntity implements Entity {
  readonly PartitionKey: string;
  readonly RowKey: string;
  readonly eTag: string;
  readonly #row: Row;
  #properties: Columns | undefined;

  constructor(partitionKey: string, row: Row) {
    this.PartitionKey = partitionKey;
    this.RowKey = row.rowKey;
    this.eTag = row.eTag;
    this.#row = row;
  }

  get lastModifiedTime(): string {
    return toModifiedAt(this.eTag);
  }

  get properties(): Columns {
    if (this.#properties === undefined) {
      this.#properties = toColumns(this.#row);
      this.#properties['Timestamp'] = this.lastModifiedTime;
      this.#properties[`Timestamp${typeSuffix}`] = 'Edm.DateTime';
    }
    return this.#properties;
  }
}

/** An etag is `W/"datetime'<time>'"`, the time as in an URL. */
export function toETag(modifiedAt: string): string {
  return `W/"datetime'${encodeURIComponent(modifiedAt)}'"`;
}

function toModifiedAt(eTag: string): string {
  return decodeURIComponent(eTag.slice(12, -2));
}

/** The columns of a row when others that have a value are merged into them; each brings its type or has none. */
function mergeColumns(columns: Columns, others: Columns): Columns {
  const merged = { ...columns };
  for (const name of Object.keys(others)) {
    if (name.endsWith(typeSuffix) || isKeptApart(name) || others[name] === null) continue;
    const type = others[`${name}${typeSuffix}`];
    merged[name] = others[name];
    if (type === undefined) delete merged[`${name}${typeSuffix}`];
    else merged[`${name}${typeSuffix}`] = type;
  }
  return merged;
}
