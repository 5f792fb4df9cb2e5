import type { FileHandle } from 'node:fs/promises';
import { decodeRecords, isWholeFrame, type JournalRecord } from './record.js';

const chunkBytes = 4 * 1024 * 1024;

/**
 * Read the records of a file of any size, up to the first that is torn or damaged; gives the length of the intact part.
 * The bytes of a record are part of a chunk: who keeps them longer than the call keeps a copy.
 */
export async function readRecords(file: FileHandle, onRecord: (record: JournalRecord) => void): Promise<number> {
  let rest: Buffer = Buffer.alloc(0);
  let intact = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, intact + rest.length);
    const content = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const used = decodeRecords(content, onRecord);
    intact += used;
    rest = content.subarray(used);
    if (bytesRead === 0 || isWholeFrame(rest)) return intact;
  }
}
