import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPartitionRange } from '../../../local/azurite/tables/partition-range.js';
import type { Row } from '../../../local/azurite/tables/row.js';
import { type Placed, RowIndex } from '../../../local/azurite/tables/row-index.js';

const key = fc.string({ maxLength: 2, unit: fc.constantFrom('1', '2', 'x', '!') });
const partition = fc.constantFrom('a', 'b', 'c');
const step = fc.record({ partitionKey: partition, rowKey: key, gone: fc.boolean() });

const toText = ({ partitionKey, row }: Placed): string => `${partitionKey}/${row.rowKey}/${row.eTag}`;

/** The index after these steps, and what a plain list of them says. */
function build(steps: readonly { partitionKey: string; rowKey: string; gone: boolean }[]) {
  const index = new RowIndex();
  const plain = new Map<string, Placed>();
  for (const [n, { partitionKey, rowKey, gone }] of steps.entries()) {
    const row: Row = { rowKey, eTag: String(n), json: '{}' };
    if (gone) index.delete(partitionKey, rowKey);
    else index.set(partitionKey, row);
    if (gone) plain.delete(`${partitionKey}/${rowKey}`);
    else plain.set(`${partitionKey}/${rowKey}`, { partitionKey, row });
  }
  const byKey = (x: Placed, y: Placed): number =>
    x.partitionKey === y.partitionKey
      ? Number(x.row.rowKey > y.row.rowKey) - Number(x.row.rowKey < y.row.rowKey)
      : Number(x.partitionKey > y.partitionKey) - Number(x.partitionKey < y.partitionKey);
  return { index, plain: [...plain.values()].sort(byKey) };
}

describe('the index of rows by key', () => {
  it('gives a range as sorting and filtering all rows would', () => {
    fc.assert(
      fc.property(fc.array(step), key, fc.option(key, { nil: undefined }), (steps, from, to) => {
        const { index, plain } = build(steps);
        const inRange = plain.filter(
          ({ partitionKey, row }) =>
            partitionKey === 'a' && row.rowKey >= from && (to === undefined || row.rowKey <= to),
        );
        expect([...index.range('a', from, to)].map(toText)).toEqual(inRange.map(toText));
        expect(index.size).toBe(plain.length);
      }),
    );
  });

  it('gives a range of many rows in order, however they came', () => {
    const rowKeys = Array.from({ length: 5_000 }, (_, n) => String((n * 7_919) % 5_000).padStart(4, '0'));
    const { index } = build(rowKeys.map((rowKey) => ({ partitionKey: 'a', rowKey, gone: false })));
    for (const rowKey of rowKeys.filter((_, n) => n % 3 === 0)) index.delete('a', rowKey);
    const left = rowKeys.filter((_, n) => n % 3 !== 0).sort();
    expect([...index.range('a')].map(({ row }) => row.rowKey)).toEqual(left);
    expect(index.size).toBe(left.length);
  });

  it('goes through all rows from any keys on', () => {
    fc.assert(
      fc.property(fc.array(step), partition, key, (steps, fromPartition, fromRow) => {
        const { index, plain } = build(steps);
        const rest = plain.filter(
          ({ partitionKey, row }) =>
            partitionKey > fromPartition || (partitionKey === fromPartition && row.rowKey >= fromRow),
        );
        expect([...index.all(fromPartition, fromRow)].map(toText)).toEqual(rest.map(toText));
      }),
    );
  });

  it('keeps a snapshot as it was, whatever changes afterwards', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (before, after) => {
        const { index, plain } = build(before);
        const snapshot = index.snapshot();
        for (const { partitionKey, rowKey, gone } of after) {
          if (gone) index.delete(partitionKey, rowKey);
          else index.set(partitionKey, { rowKey, eTag: 'later', json: '{}' });
        }
        const seen = snapshot.flatMap(({ partitionKey, rows }) => rows.map((row) => toText({ partitionKey, row })));
        expect(seen.sort()).toEqual(plain.map(toText).sort());
      }),
    );
  });
});

describe('the range of a filter', () => {
  it.each([
    ["PartitionKey eq 'a' and RowKey ge 'b' and RowKey lt 'c'", { partitionKey: 'a', from: 'b', to: 'c' }],
    ["RowKey gt 'b' and RowKey ge 'a' and PartitionKey eq 'o''b'", { partitionKey: "o'b", from: 'b', to: undefined }],
    ["PartitionKey eq 'a' and State eq 'x and RowKey eq ''1'''", { partitionKey: 'a', from: '', to: undefined }],
  ])('of %s is as narrow as its keys say', (filter, range) => {
    expect(toPartitionRange(filter)).toEqual(range);
  });

  it.each([
    undefined,
    '',
    "PartitionKey eq 'a' or RowKey eq 'b'",
    "(PartitionKey eq 'a')",
    "RowKey eq 'b'",
    "not PartitionKey eq 'a'",
    "PartitionKey eq 'a' and RowKey ge 5",
  ])('of %s is not guessed', (filter) => {
    expect(toPartitionRange(filter)).toBeUndefined();
  });
});
