import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Content is joined to writes of about this size; other work goes on between two of them. */
const sliceBytes = 256 * 1024;

/** A file open for writes at its end, and how long it is. */
export interface OpenFile {
  readonly file: FileHandle;
  readonly size: number;
}

/** Write a new file and force it to the disk. When it rejects, there is none. */
export async function writeNext(nextPath: string, chunks: Iterable<Buffer>): Promise<OpenFile> {
  const file = await open(nextPath, 'w');
  try {
    const size = await writeAll(file, chunks);
    await file.sync();
    return { file, size };
  } catch (error) {
    await dropNext(nextPath, file);
    throw error;
  }
}

/**
 * Add what came since to a file that `writeNext` wrote, and put it in the place of `path` in one step, so that a crash at
 * any moment leaves the old content or the new, whole. The name is forced to the disk by `syncFolder`. When it rejects,
 * `path` is as it was and the new file is gone.
 */
export async function takePlace(
  { path, nextPath }: { path: string; nextPath: string },
  { file, size }: OpenFile,
  since: readonly Buffer[],
): Promise<OpenFile> {
  try {
    const added = await writeAll(file, since);
    await file.sync();
    await rename(nextPath, path);
    return { file, size: size + added };
  } catch (error) {
    await dropNext(nextPath, file);
    throw error;
  }
}

/** Close a file that will take no place, and remove it. */
export async function dropNext(nextPath: string, file: FileHandle): Promise<void> {
  await file.close();
  await rm(nextPath, { force: true });
}

async function writeAll(file: FileHandle, chunks: Iterable<Buffer>): Promise<number> {
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
