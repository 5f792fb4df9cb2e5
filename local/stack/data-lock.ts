import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

const FILE = 'stack.lock';

/** One stack per data folder. */
export interface DataLock {
  release(): Promise<void>;
}

/**
 * Claim a data folder for this process. The claim of a process that no longer lives is taken over.
 *
 * @throws Error naming the other process when the folder is in use
 */
export async function lockData(dataDir: string): Promise<DataLock> {
  await mkdir(dataDir, { recursive: true });
  const file = path.join(dataDir, FILE);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await claim(file)) return { release: () => release(file) };
    const owner = await readOwner(file);
    if (owner !== undefined && isAlive(owner)) {
      throw new Error(`${dataDir} is in use by process ${owner}; stop that one or choose another data folder`);
    }
    await rm(file, { force: true });
  }
  throw new Error(`${file} cannot be claimed; another copy is starting in the same data folder`);
}

async function claim(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<number | undefined> {
  try {
    const pid = Number(await readFile(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    // Released in the meantime.
    return undefined;
  }
}

async function release(file: string): Promise<void> {
  if ((await readOwner(file)) === process.pid) await rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
