import type { TransactionAction } from '@azure/data-tables';
import { toColumns } from './to-columns.js';

const eol = '\r\n';
const part = `content-type: application/http${eol}content-transfer-encoding: binary${eol}${eol}`;

/**
 * The actions as one multipart body: a batch of one change set, an HTTP request in each of its parts. Two empty lines
 * stand between what heads a request and its JSON, as the client writes them.
 * Source: "Performing entity group transactions" of the Table service's REST API.
 *
 * @param tableUrl without a query
 */
export function toBody(actions: readonly TransactionAction[], tableUrl: string, id: string): string {
  const boundary = `--changeset_${id}`;
  const requests = actions.map((action) => `${boundary}${eol}${part}${toRequest(action, tableUrl)}${eol}`);
  const head = `--batch_${id}${eol}content-type: multipart/mixed; boundary=changeset_${id}${eol}${eol}${eol}`;
  return `${head}${requests.join('')}${boundary}--${eol}--batch_${id}--${eol}`;
}

function toRequest(action: TransactionAction, tableUrl: string): string {
  switch (action[0]) {
    case 'create':
      return `POST ${tableUrl} HTTP/1.1${eol}${createHeaders}${toJson(action[1])}`;
    case 'update':
      return toChange(action, tableUrl, `If-Match: ${action[3]?.etag ?? '*'}${eol}`);
    case 'upsert':
      return toChange(action, tableUrl, '');
    case 'delete':
      return `DELETE ${toRowUrl(action[1], tableUrl)} HTTP/1.1${eol}${deleteHeaders}`;
    default:
      return action satisfies never;
  }
}

const version = `DataServiceVersion: 3.0${eol}`;
const createHeaders =
  `Content-Type: application/json;odata=nometadata${eol}Accept: application/json;odata=minimalmetadata${eol}` +
  `${version}Prefer: return-no-content${eol}`;
const changeHeaders = `Content-Type: application/json${eol}${version}Accept: application/json${eol}`;
const deleteHeaders = `Accept: application/json;odata=minimalmetadata${eol}${version}If-Match: *${eol}${eol}`;

type Change = Extract<TransactionAction, ['update' | 'upsert', ...unknown[]]>;

function toChange([, row, mode]: Change, tableUrl: string, condition: string): string {
  const verb = mode === 'Replace' ? 'PUT' : 'PATCH';
  return `${verb} ${toRowUrl(row, tableUrl)} HTTP/1.1${eol}${changeHeaders}${condition}${toJson(row)}`;
}

function toJson(row: Readonly<Record<string, unknown>>): string {
  return `${eol}${eol}${JSON.stringify(toColumns(row))}`;
}

interface Keys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

function toRowUrl({ partitionKey, rowKey }: Keys, tableUrl: string): string {
  return `${tableUrl}(PartitionKey='${toKey(partitionKey)}',RowKey='${toKey(rowKey)}')`;
}

function toKey(key: string): string {
  return encodeURIComponent(key.replaceAll("'", "''"));
}
