import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Content is joined to writes of about this size; other work goes on between two of them. */
const sliceBytes = 256 * 1024;

/** A file open for writes at its end, and how long it is. */
export interface OpenFile {
  readonly file: FileHandle;
  readonly size: number;
}

/** Waits between two writes, told how long the last took with its content. */
export type Rest = (workedMs: number) => Promise<void>;
/** For what has to be quicker than what goes on being appended. */
export const noRest: Rest = () => Promise.resolve();

/** Write a new file and force it to the disk. When it rejects, there is none. */
export async function writeNext(nextPath: string, chunks: Iterable<Buffer>, rest: Rest): Promise<OpenFile> {
  const file = await open(nextPath, 'w');
  return addTo({ nextPath, rest }, { file, size: 0 }, chunks);
}

/** Add to a file that `writeNext` wrote, and force it to the disk. When it rejects, there is none any more. */
export async function addTo(
  { nextPath, rest }: { nextPath: string; rest: Rest },
  { file, size }: OpenFile,
  chunks: Iterable<Buffer>,
): Promise<OpenFile> {
  try {
    const added = await writeAll(file, chunks, rest);
    await file.sync();
    return { file, size: size + added };
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
    const added = await writeAll(file, since, noRest);
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

async function writeAll(file: FileHandle, chunks: Iterable<Buffer>, rest: Rest): Promise<number> {
  let size = 0;
  let startedMs = performance.now();
  for (const slice of toSlices(chunks)) {
    await file.appendFile(slice);
    size += slice.length;
    await rest(performance.now() - startedMs);
    startedMs = performance.now();
  }
  return size;
}

function* toSlices(chunks: Iterable<Buffer>): Iterable<Buffer> {
  let slice: Buffer[] = [];
  let size = 0;
  for (const chunk of chunks) {
    slice.push(chunk);
    size += chunk.length;
    if (size < sliceBytes) continue;
    yield Buffer.concat(slice);
    slice = [];
    size = 0;
  }
  yield Buffer.concat(slice);
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
