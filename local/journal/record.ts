import { crc32 } from 'node:zlib';

/** A small JSON header and the bytes that go with it. */
export interface JournalRecord {
  readonly header: unknown;
  readonly bytes: Buffer;
}

const nothing = Buffer.alloc(0);

/** A record, mostly one without bytes. */
export function toRecord(header: object, bytes: Buffer = nothing): JournalRecord {
  return { header, bytes };
}

/** Frame: length of header, length of bytes, crc32 of both, header, bytes; numbers are 32 bit, big endian. */
const frameBytes = 12;
/** The header of a frame whose bytes are the frames of several records that count together or not at all. */
const groupHeader = '{"$group":1}';

/** Records as they stand in the file, in pieces: one frame, so that a torn write leaves all of them or none. */
export function encodeRecords(records: readonly JournalRecord[]): Buffer[] {
  const frames = records.flatMap(encodeRecord);
  return records.length > 1 ? encodeFrame(groupHeader, frames) : frames;
}

function encodeRecord({ header, bytes }: JournalRecord): Buffer[] {
  return encodeFrame(JSON.stringify(header), [bytes]);
}

function encodeFrame(header: string, content: readonly Buffer[]): Buffer[] {
  const textLength = Buffer.byteLength(header);
  const head = Buffer.allocUnsafe(frameBytes + textLength);
  head.write(header, frameBytes);
  head.writeUInt32BE(textLength, 0);
  head.writeUInt32BE(
    content.reduce((sum, piece) => sum + piece.length, 0),
    4,
  );
  const check = content.reduce((sum, piece) => crc32(piece, sum), crc32(head.subarray(frameBytes)));
  head.writeUInt32BE(check, 8);
  return [head, ...content];
}

/** Read records up to the first that is torn or damaged; gives the length of the intact part. */
export function decodeRecords(content: Buffer, onRecord: (record: JournalRecord) => void): number {
  let offset = 0;
  for (let frame = readFrame(content, offset); frame; frame = readFrame(content, offset)) {
    if (isGroup(frame.header)) decodeRecords(frame.bytes, onRecord);
    else onRecord({ header: frame.header, bytes: frame.bytes });
    offset = frame.end;
  }
  return offset;
}

/** Whether all of the first frame is there, whatever it is worth. */
export function isWholeFrame(content: Buffer): boolean {
  return content.length >= frameBytes && content.length >= frameEnd(content, 0);
}

function frameEnd(content: Buffer, offset: number): number {
  return offset + frameBytes + content.readUInt32BE(offset) + content.readUInt32BE(offset + 4);
}

/** A frame without a header is no frame: blocks the file system never filled read as zeros. */
function readFrame(content: Buffer, offset: number): (JournalRecord & { end: number }) | undefined {
  if (offset + frameBytes > content.length) return undefined;
  const textLength = content.readUInt32BE(offset);
  const bytesAt = offset + frameBytes + textLength;
  const end = frameEnd(content, offset);
  if (textLength === 0 || end > content.length) return undefined;
  const checked = content.subarray(offset + frameBytes, end);
  if (crc32(checked) !== content.readUInt32BE(offset + 8)) return undefined;
  const text = content.toString('utf8', offset + frameBytes, bytesAt);
  return { header: JSON.parse(text) as unknown, bytes: content.subarray(bytesAt, end), end };
}

function isGroup(header: unknown): boolean {
  return typeof header === 'object' && header !== null && '$group' in header;
}
