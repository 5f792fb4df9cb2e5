import type { Plan, Step } from './plan-changes.js';
import type { Batch } from './read-batch.js';

const eol = '\r\n';
const part = `Content-Type: application/http${eol}Content-Transfer-Encoding: binary${eol}${eol}HTTP/1.1 204 No Content${eol}`;
const headers = `X-Content-Type-Options: nosniff${eol}Cache-Control: no-cache${eol}DataServiceVersion: `;

/** What Azurite answers to a batch that it applied. */
export function toAnswer({ boundary, changeSet }: Batch, { partitionKey, steps }: Plan): string {
  const answerSet = changeSet.replace('changeset', 'changesetresponse');
  const answerBoundary = `--${boundary.replace('batch', 'batchresponse')}`;
  const head = `${answerBoundary}${eol}Content-Type: multipart/mixed; boundary=${answerSet}${eol}${eol}`;
  const parts = steps.map((step) => `--${answerSet}${eol}${part}${headers}${toRest(step, partitionKey)}${eol}${eol}`);
  return `${head}${parts.join('')}--${answerSet}--${eol}${answerBoundary}--${eol}`;
}

/** Azurite answers a delete in an older version. */
function toRest({ request, change: { rowKey, row } }: Step, partitionKey: string): string {
  if (row === undefined) return `1.0;${eol}`;
  const eTag = `ETag: ${row.eTag}${eol}`;
  if (request.verb !== 'POST') return `3.0;${eol}${eTag}`;
  const keys = `PartitionKey='${encodeURIComponent(partitionKey)}',RowKey='${encodeURIComponent(rowKey)}'`;
  const url = `${request.url}(${keys})${eol}`;
  return `3.0;${eol}Location: ${url}DataServiceId: ${url}${eTag}`;
}
