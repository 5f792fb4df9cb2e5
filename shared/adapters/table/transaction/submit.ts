import { RestError, type TableClient, type TransactionAction } from '@azure/data-tables';
import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { randomUUID } from 'node:crypto';
import { fromAnswer } from './from-answer.js';
import { toBody } from './to-body.js';

const httpClient = createDefaultHttpClient();

/**
 * Apply one transaction, as the client's `submitTransaction` does and with the client's pipeline: its credential, retries
 * and policies. The client takes each row of a transaction through a pipeline of its own, which costs several times what
 * everything else about the row does (docs/decisions/010-transactions-are-written-at-once.md).
 *
 * @returns the new etag of each action's row, in the order of the actions; undefined for a delete
 * @throws RestError with the status of the row that refused, or of the request
 */
export async function submitTransaction(
  table: TableClient,
  actions: readonly TransactionAction[],
): Promise<readonly (string | undefined)[]> {
  const id = randomUUID();
  const url = new URL(table.url);
  const account = `${url.origin}${url.pathname.replace(/\/$/, '')}`;
  const request = createPipelineRequest({
    url: `${account}/$batch${url.search}`,
    method: 'POST',
    headers: createHttpHeaders({
      Accept: 'application/json',
      'Accept-Charset': 'UTF-8',
      'Content-Type': `multipart/mixed; boundary=batch_${id}`,
      DataServiceVersion: '3.0;',
      MaxDataServiceVersion: '3.0;NetFx',
      'x-ms-version': '2019-02-02',
    }),
    body: toBody(actions, `${account}/${table.tableName}`, id),
    // The client was opened for this URL; only the emulator's is plain.
    allowInsecureConnection: url.protocol === 'http:',
  });
  const response = await table.pipeline.sendRequest(httpClient, request);
  const answer = fromAnswer(response.status, response.bodyAsText ?? '', actions.length);
  if (answer.kind === 'applied') return answer.etags;
  const { statusCode, code, message } = answer;
  throw new RestError(message, { statusCode, code, request, response });
}
