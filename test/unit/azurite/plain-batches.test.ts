import type { TransactionAction } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { ETags } from '../../../local/azurite/batches/etags.js';
import { planChanges } from '../../../local/azurite/batches/plan-changes.js';
import { readBatch } from '../../../local/azurite/batches/read-batch.js';
import { toColumns } from '../../../local/azurite/tables/row.js';
import { RowIndex } from '../../../local/azurite/tables/row-index.js';
import { toBody } from '../../../shared/adapters/table/transaction/to-body.js';

const url = 'http://127.0.0.1:1/account/rows';
const toText = (...actions: TransactionAction[]): string => toBody(actions, url, 'a-1');
const create = (rowKey: string, columns: object = {}): TransactionAction => [
  'create',
  { partitionKey: 'p', rowKey, ...columns },
];

function stored(...rowKeys: string[]): RowIndex {
  const rows = new RowIndex();
  for (const rowKey of rowKeys) rows.set('p', { rowKey, eTag: 'W/"1"', json: '{"n":1,"m":"x"}' });
  return rows;
}

/** What a batch does; undefined when it is not answered at once. */
function plan(rows: RowIndex, text: string): string[] | undefined {
  const batch = readBatch(text);
  let n = 1;
  const planned = batch && planChanges(batch.requests, rows, () => `W/"${(n += 1)}"`);
  return planned?.steps.map(({ change: { rowKey, row } }) =>
    row ? `${rowKey} ${row.eTag} ${JSON.stringify(toColumns(row))}` : `${rowKey} gone`,
  );
}

describe('a batch in which nothing stands in the way', () => {
  it('creates, replaces, merges and deletes', () => {
    const found = plan(
      stored('2', '3', '4', '5'),
      toText(
        create('1', { n: 7, m: null }),
        ['update', { partitionKey: 'p', rowKey: '2', n: 8 }, 'Replace', { etag: 'W/"1"' }],
        ['update', { partitionKey: 'p', rowKey: '3', n: 9, m: null }, 'Merge'],
        ['upsert', { partitionKey: 'p', rowKey: "6'", n: 10 }, 'Merge'],
        ['delete', { partitionKey: 'p', rowKey: '4' }],
      ),
    );
    expect(found).toEqual([
      '1 W/"2" {"PartitionKey":"p","RowKey":"1","n":7}',
      '2 W/"3" {"PartitionKey":"p","RowKey":"2","n":8}',
      '3 W/"4" {"n":9,"m":"x"}',
      `6' W/"5" {"PartitionKey":"p","RowKey":"6'","n":10}`,
      '4 gone',
    ]);
  });
});

describe('a batch is left to Azurite', () => {
  it.each([
    ['creates a row that is there', toText(create('1'))],
    ['changes a row that is not there', toText(['update', { partitionKey: 'p', rowKey: '9' }])],
    [
      'changes a row that is another by now',
      toText(['update', { partitionKey: 'p', rowKey: '1' }, 'Merge', { etag: 'W/"0"' }]),
    ],
    ['deletes a row that is not there', toText(['delete', { partitionKey: 'p', rowKey: '9' }])],
    ['names a row twice', toText(create('8'), create('8'))],
    ['names two partitions', toText(create('8'), ['create', { partitionKey: 'q', rowKey: '8' }])],
    ['has a key that may not be', toText(create('a/b'))],
    ['has a key that is too long', toText(create('k'.repeat(513)))],
    ['has a text that is too long', toText(create('8', { text: 'x'.repeat(32_769) }))],
    ['has a time without a zone', toText(create('8', { at: { type: 'DateTime', value: '2026-01-01T00:00:00' } }))],
    ['has a type seldom seen', toText(create('8', { id: { type: 'Guid', value: 'x' } }))],
    ['has too many requests', toText(...Array.from({ length: 101 }, (_, n) => create(`n${n}`)))],
    ['has no request', toText()],
    ['asks for the row back', toText(create('8')).replace('return-no-content', 'return-content')],
    ['has JSON that is none', toText(create('8')).replace('{"', '{{"')],
    ['queries', toText(create('8')).replace('POST', 'GET')],
    ['names two tables', toText(create('8'), create('9')).replace('account/rows', 'account/other')],
    ['has other line ends', toText(create('8')).replaceAll('\r\n', '\n')],
    ['has no end', toText(create('8')).replace('--changeset_a-1--', '')],
    ['is no batch', 'hello'],
  ])('that %s', (_what, text) => {
    expect(plan(stored('1'), text)).toBeUndefined();
  });
});

describe('etags', () => {
  it('are never the same, also when more than ten thousand rows change in a millisecond, or time goes back', () => {
    const etags = new ETags();
    const now = Date.UTC(2026, 0, 1);
    const made = Array.from({ length: 25_000 }, (_, n) => etags.next(now - (n % 2)));
    expect(new Set(made).size).toBe(made.length);
    expect(made[0]).toBe(`W/"datetime'2026-01-01T00%3A00%3A00.0000000Z'"`);
    expect([...made].sort()).toEqual(made);
  });
});
