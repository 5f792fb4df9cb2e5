import { RestError, TableClient, type TransactionAction } from '@azure/data-tables';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromAnswer } from '../../../shared/adapters/table/transaction/from-answer.js';
import { toBody } from '../../../shared/adapters/table/transaction/to-body.js';

type HttpClient = NonNullable<NonNullable<ConstructorParameters<typeof TableClient>[2]>['httpClient']>;

const tableUrl = 'http://127.0.0.1:1/account/rows';

/** What the client itself would send, and what it makes of an answer. */
async function byTheClient(actions: TransactionAction[], answer: { status: number; text: string }) {
  const sent: string[] = [];
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      sent.push(typeof request.body === 'string' ? request.body : '');
      return { request, status: answer.status, headers: request.headers, bodyAsText: answer.text };
    },
  };
  const options = { allowInsecureConnection: true, httpClient, retryOptions: { maxRetries: 0 } };
  const table = new TableClient('http://127.0.0.1:1/account', 'rows', options);
  const outcome = await table.submitTransaction(actions).catch((error: unknown) => error);
  return { body: sent[0] ?? '', outcome };
}

const withoutIds = (body: string): string => body.replaceAll(/(batch|changeset)_[0-9a-f-]{36}/g, '$1_id');

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('4999-01-01') }),
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(null, undefined, { type: 'Double', value: '1' }, { type: 'Guid', value: 'a-b' }),
);
// The client writes lone halves of characters as they are, and no UTF-8 has them.
const key = fc.string({ unit: 'grapheme' });
const column = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,8}$/);
const row = fc
  .record({ rowKey: key, columns: fc.dictionary(column, value, { maxKeys: 6, noNullPrototype: true }) })
  .map(({ rowKey, columns }) => ({ partitionKey: "o'b é/x", rowKey, ...columns }));
const mode = fc.constantFrom('Merge' as const, 'Replace' as const);
const etag = fc.constantFrom(undefined, `W/"datetime'2026-03-12T00%3A00%3A00.1Z'"`, '*');
const action: fc.Arbitrary<TransactionAction> = fc.oneof(
  row.map((each): TransactionAction => ['create', each]),
  row.map((each): TransactionAction => ['delete', each]),
  row.map((each): TransactionAction => ['update', each]),
  fc.tuple(row, mode).map(([each, how]): TransactionAction => ['upsert', each, how]),
  fc
    .tuple(row, mode, etag)
    .map(([each, how, guard]): TransactionAction => ['update', each, how, guard === undefined ? {} : { etag: guard }]),
);

const applied = (...parts: string[]): string =>
  `--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n` +
  parts.map((part) => `--changesetresponse_2\r\n${part}`).join('') +
  `--changesetresponse_2--\r\n--batchresponse_1--\r\n`;
const inPart = (lines: string): string =>
  `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 ${lines}\r\n\r\n`;
const reason = (code: string, message: string): string =>
  JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: message } } });

describe('a transaction', () => {
  it('is written as the client writes it, whatever its rows hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 5 }), async (actions) => {
        const { body } = await byTheClient(actions, { status: 202, text: '' });
        expect(withoutIds(toBody(actions, tableUrl, '00000000-0000-4000-8000-000000000000'))).toBe(withoutIds(body));
      }),
    );
  });

  it('refuses a value that the service has no type for, naming the column', () => {
    const wrong: TransactionAction = ['create', { partitionKey: 'p', rowKey: 'r', When: { year: 2026 } }];
    expect(() => toBody([wrong], tableUrl, '1')).toThrow(/column When/);
  });
});

describe('the answer to a transaction', () => {
  it('names the new etag of each row in the order of the actions', () => {
    const text = applied(
      inPart(`204 No Content\r\nETag: W/"a"\r\nLocation: x`),
      inPart('204 No Content'),
      inPart(`204 No Content\r\netag: W/"c"`),
    );
    expect(fromAnswer(202, text, 3)).toEqual({ kind: 'applied', etags: ['W/"a"', undefined, 'W/"c"'] });
  });

  it.each([
    [
      'a refused row',
      202,
      applied(inPart(`409 Conflict\r\n\r\n${reason('EntityAlreadyExists', '0:It "is" there.\n')}`)),
    ],
    ['a table that is not there', 404, reason('TableNotFound', 'no such table')],
    ['a busy service', 503, reason('ServerBusy', 'later')],
  ])('tells status, code and message of %s as the client does', async (_name, status, text) => {
    const one: TransactionAction = ['create', { partitionKey: 'p', rowKey: 'r' }];
    const { outcome } = await byTheClient([one], { status, text });
    if (!(outcome instanceof RestError)) throw new Error('the client threw nothing');
    const { statusCode, code, message } = outcome;
    expect(fromAnswer(status, text, 1)).toEqual({ kind: 'refused', statusCode, code, message });
  });

  it('shows what something else answered in place of the service', () => {
    const answer = fromAnswer(502, '<html>bad gateway</html>', 1);
    expect(answer).toEqual({ kind: 'refused', statusCode: 502, code: '', message: '"<html>bad gateway</html>"' });
  });

  it.each([
    ['too few parts', applied(inPart('204 No Content'))],
    ['a part without a status', applied('nothing\r\n', inPart('204 No Content'))],
    ['no parts', ''],
  ])('does not count as applied with %s', (_name, text) => {
    expect(() => fromAnswer(202, text, 2)).toThrow(/transaction/);
  });
});
