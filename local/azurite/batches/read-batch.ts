import type { TableName } from '../tables/tables.js';

/** One request of a change set. */
export interface BatchRequest {
  readonly verb: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As the request names it, keys and all. */
  readonly url: string;
  /** From the URL; undefined for a POST, whose keys are in its body. */
  readonly keys: { readonly partitionKey: string; readonly rowKey: string } | undefined;
  readonly ifMatch: string | undefined;
  readonly prefer: string | undefined;
  /** JSON, or nothing for a DELETE. */
  readonly body: string;
}

/** A batch that is one change set, as its text says. */
export interface Batch {
  /** Boundaries without the dashes before them. */
  readonly boundary: string;
  readonly changeSet: string;
  /** The table that all requests name. */
  readonly name: TableName;
  readonly requests: readonly BatchRequest[];
}

const start = /^--(batch_[\w-]+)\r\ncontent-type: *multipart\/mixed; *boundary="?(changeset_[\w-]+)"?(?:\r\n)+/i;
const requestLine =
  /^content-type: *application\/http\r\ncontent-transfer-encoding: *binary\r\n\r\n(POST|PUT|PATCH|DELETE) (\S+) HTTP\/1\.1\r\n/i;
const location = /^https?:\/\/[^/]+\/(\w+)\/(\w+)(?:\(PartitionKey='((?:[^']|'')*)',RowKey='((?:[^']|'')*)'\))?$/;

/**
 * Read a batch as the clients of tables write it; undefined for one that is written in another way, which may be right
 * all the same.
 */
export function readBatch(text: string): Batch | undefined {
  const [head = '', boundary = '', changeSet = ''] = start.exec(text) ?? [];
  const end = text.lastIndexOf(`--${changeSet}--`);
  if (boundary === '' || end < 0) return undefined;
  const [before, ...parts] = text.slice(head.length, end).split(`--${changeSet}\r\n`);
  if (before !== '') return undefined;
  const requests: BatchRequest[] = [];
  let name: TableName | undefined;
  for (const part of parts) {
    const read = readRequest(part);
    name ??= read?.name;
    if (read?.name.table !== name?.table || read?.name.account !== name?.account) return undefined;
    if (read !== undefined) requests.push(read.request);
  }
  return name && { boundary, changeSet, name, requests };
}

function readRequest(part: string): { name: TableName; request: BatchRequest } | undefined {
  const [head = '', verb, url = ''] = requestLine.exec(part) ?? [];
  const [, account = '', table = '', partitionKey, rowKey] = location.exec(url) ?? [];
  const headersEnd = part.indexOf('\r\n\r\n', head.length - 2);
  if (verb === undefined || table === '' || headersEnd < 0) return undefined;
  const headers = part.slice(head.length, headersEnd);
  const request = {
    verb: verb.toUpperCase() as BatchRequest['verb'], // one of those in the pattern
    url,
    keys: partitionKey === undefined || rowKey === undefined ? undefined : toKeys(partitionKey, rowKey),
    ifMatch: /^if-match:(.*)$/im.exec(headers)?.[1]?.trim(),
    prefer: /^prefer:(.*)$/im.exec(headers)?.[1]?.trim(),
    body: part.slice(headersEnd).trim(),
  };
  return { name: { account, table }, request };
}

function toKeys(partitionKey: string, rowKey: string): BatchRequest['keys'] {
  const toKey = (text: string): string => decodeURIComponent(text).replaceAll("''", "'");
  return { partitionKey: toKey(partitionKey), rowKey: toKey(rowKey) };
}
