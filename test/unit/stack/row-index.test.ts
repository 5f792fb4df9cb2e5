import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPartitionRange } from '../../../local/azurite/partition-range.js';
import { RowIndex } from '../../../local/azurite/row-index.js';

const row = fc.record({
  PartitionKey: fc.constantFrom('a', 'b'),
  RowKey: fc.string({ maxLength: 2, unit: fc.constantFrom('1', '2', 'x', '!') }),
});

describe('the index of rows by key', () => {
  it('gives a range as sorting and filtering all rows would', () => {
    fc.assert(
      fc.property(
        fc.array(row),
        fc.array(fc.nat(30)),
        fc.string({ maxLength: 2 }),
        fc.string({ maxLength: 2 }),
        (rows, gone, from, to) => {
          const index = new RowIndex(rows);
          const kept = new Map(rows.map((one) => [`${one.PartitionKey}/${one.RowKey}`, one]));
          for (const at of gone) {
            const one = rows[at];
            if (one === undefined) continue;
            index.delete(one);
            const key = `${one.PartitionKey}/${one.RowKey}`;
            if (kept.get(key) === one) kept.delete(key);
          }
          const all = [...kept.values()].filter(({ PartitionKey, RowKey }) => PartitionKey === 'a' && RowKey >= from);
          const byKey = (x: { RowKey: string }, y: { RowKey: string }): number => (x.RowKey < y.RowKey ? -1 : 1);
          expect(index.range('a', from)).toEqual([...all].sort(byKey));
          expect(index.range('a', from, to)).toEqual(all.filter(({ RowKey }) => RowKey <= to).sort(byKey));
        },
      ),
    );
  });

  it('keeps a row that has the keys of one taken out', () => {
    const [old, replaced] = [
      { PartitionKey: 'a', RowKey: '1' },
      { PartitionKey: 'a', RowKey: '1' },
    ];
    const index = new RowIndex([old, replaced]);
    index.delete(old);
    expect(index.find('a', '1')).toBe(replaced);
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
