import { type JournalRecord, toRecord } from '../../journal/record.js';
import type { Row } from './row.js';
import type { Operation } from './tables.js';

type RowsOperation = Extract<Operation, { t: 'rows' }>;

/** A row in a record's header: its keys, and how many bytes of the record are its columns and what was merged into them. */
type RowEntry = readonly [rowKey: string, eTag: string, jsonBytes: number, mergedBytes: number];

type Header = Exclude<Operation, RowsOperation> | (Omit<RowsOperation, 'put'> & { readonly put: readonly RowEntry[] });

/** An operation as the journal keeps it. Columns are JSON already: as bytes they are not written as JSON once more. */
export function toOperationRecord(operation: Operation): JournalRecord {
  if (operation.t !== 'rows') return toRecord(operation);
  const texts: Buffer[] = [];
  const toBytes = (text: string): number => {
    const bytes = Buffer.from(text);
    texts.push(bytes);
    return bytes.length;
  };
  const put = operation.put.map(({ rowKey, eTag, json, merged = '' }): RowEntry => {
    return [rowKey, eTag, toBytes(json), toBytes(merged)];
  });
  const header: Header = { ...operation, put };
  return toRecord(header, Buffer.concat(texts));
}

/** The operation that `toOperationRecord` wrote. */
export function fromOperationRecord({ header, bytes }: JournalRecord): Operation {
  const operation = header as Header; // only `toOperationRecord` writes the journal
  if (operation.t !== 'rows') return operation;
  let offset = 0;
  const toText = (length: number): string => bytes.toString('utf8', offset, (offset += length));
  const put = operation.put.map(([rowKey, eTag, jsonBytes, mergedBytes]): Row => {
    const row = { rowKey, eTag, json: toText(jsonBytes) };
    return mergedBytes === 0 ? row : { ...row, merged: toText(mergedBytes) };
  });
  return { ...operation, put };
}
