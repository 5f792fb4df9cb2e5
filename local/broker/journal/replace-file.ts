import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Content is joined to writes of about this size. */
const sliceBytes = 1024 * 1024;

/**
 * Give `path` new content so that a crash at any moment leaves the old content or the new, whole: the bytes go to
 * `nextPath`, are forced to the disk, and take the place of `path` in one step. Resolves with the new file, open for
 * further writes at its end; the name is forced to the disk by `syncFolder`. When it rejects, `path` is as it was.
 */
export async function replaceFile(
  path: string,
  nextPath: string,
  chunks: readonly Buffer[],
): Promise<{ file: FileHandle; size: number }> {
  const file = await open(nextPath, 'w');
  try {
    const size = await writeAll(file, chunks);
    await file.sync();
    await rename(nextPath, path);
    return { file, size };
  } catch (error) {
    await file.close();
    await rm(nextPath, { force: true });
    throw error;
  }
}

async function writeAll(file: FileHandle, chunks: readonly Buffer[]): Promise<number> {
  let size = 0;
  let slice: Buffer[] = [];
  let sliceSize = 0;
  for (const chunk of chunks) {
    slice.push(chunk);
    sliceSize += chunk.length;
    if (sliceSize < sliceBytes) continue;
    await file.appendFile(Buffer.concat(slice));
    size += sliceSize;
    slice = [];
    sliceSize = 0;
  }
  await file.appendFile(Buffer.concat(slice));
  return size + sliceSize;
}

/** Force the name of a file to the disk, which its folder holds. Windows knows no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(dirname(path), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
