import { type Columns, isKeptApart, typeSuffix } from '../tables/row.js';

/** Below what the service takes of one value, and of a row. */
const mostLetters = 32 * 1024;
const mostLettersInRow = 200_000;
const longestKey = 512;
/** What a key may not hold, by "Understanding the Table service data model". */
const notInKeys = /[\u0000-\u001f\u007f-\u009f/\\#?]/;

export function isPlainKey(key: unknown): key is string {
  return typeof key === 'string' && key.length <= longestKey && !notInKeys.test(key);
}

/** Types that are stored as they are sent, and what their values look like then. */
const typed: Readonly<Record<string, RegExp>> = {
  'Edm.Binary': /^/,
  'Edm.Int64': /^/,
  'Edm.Double': /^-?\d{1,15}(?:\.\d{1,15})?$/,
  'Edm.DateTime': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z$/,
};

/** What a request has in its JSON: keys, if any, and columns. */
export interface PlainRow {
  readonly partitionKey: unknown;
  readonly rowKey: unknown;
  readonly columns: Columns;
  /** The same as a text of its own, which keeps no text alive that it was cut from. */
  readonly json: string;
}

/** The row in a request's JSON when it is stored as it is sent; undefined when something is to be changed or refused. */
export function toPlainRow(body: string): PlainRow | undefined {
  const columns = body.length > mostLettersInRow ? undefined : toObject(body);
  if (columns === undefined) return undefined;
  for (const name in columns) {
    if (!isKeptApart(name) && columns[name] !== null && !isPlain(columns, name)) return undefined;
  }
  const json = Buffer.from(body).toString();
  return { partitionKey: columns['PartitionKey'], rowKey: columns['RowKey'], columns, json };
}

function toObject(body: string): Columns | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Columns) : undefined; // what JSON calls an object
  } catch {
    return undefined; // for Azurite to refuse
  }
}

function isPlain(sent: Columns, name: string): boolean {
  const value = sent[name];
  if (name.endsWith(typeSuffix)) return typeof sent[name.slice(0, -typeSuffix.length)] === 'string';
  const type = sent[`${name}${typeSuffix}`];
  if (type !== undefined) return typeof value === 'string' && value.length < mostLetters && isTyped(type, value);
  if (typeof value === 'string') return value.length < mostLetters;
  return typeof value === 'boolean' || typeof value === 'number';
}

function isTyped(type: unknown, value: string): boolean {
  return typeof type === 'string' && typed[type]?.test(value) === true;
}
