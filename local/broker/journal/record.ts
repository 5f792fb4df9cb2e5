import { crc32 } from 'node:zlib';

/** A small JSON header and the bytes that go with it. */
export interface JournalRecord {
  readonly header: unknown;
  readonly bytes: Buffer;
}

/** Frame: length of header, length of bytes, crc32 of both, header, bytes; numbers are 32 bit, big endian. */
const frameBytes = 12;

/** A record as it stands in the file. */
export function encodeRecord({ header, bytes }: JournalRecord): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const frame = Buffer.alloc(frameBytes);
  frame.writeUInt32BE(text.length, 0);
  frame.writeUInt32BE(bytes.length, 4);
  frame.writeUInt32BE(crc32(bytes, crc32(text)), 8);
  return Buffer.concat([frame, text, bytes]);
}

/** Read records up to the first that is torn or damaged; gives the length of the intact part. */
export function decodeRecords(content: Buffer, onRecord: (record: JournalRecord) => void): number {
  let offset = 0;
  while (offset + frameBytes <= content.length) {
    const textLength = content.readUInt32BE(offset);
    const bytesAt = offset + frameBytes + textLength;
    const end = bytesAt + content.readUInt32BE(offset + 4);
    if (end > content.length) break;
    const text = content.subarray(offset + frameBytes, bytesAt);
    const bytes = content.subarray(bytesAt, end);
    if (crc32(bytes, crc32(text)) !== content.readUInt32BE(offset + 8)) break;
    onRecord({ header: JSON.parse(text.toString('utf8')) as unknown, bytes });
    offset = end;
  }
  return offset;
}
