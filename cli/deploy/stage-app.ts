import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toStagedLock, toStagedPackage } from './staged-package.js';

/** What a deployment holds besides package.json and its lock. */
const copied = ['host.json', 'dist/functions', 'dist/shared'];

/**
 * Put the built functions into `target`, ready to be deployed; what an earlier run left there is replaced, other files
 * are left alone. `root` is a built checkout. @throws Error when something is missing there
 */
export async function stageApp(root: string, target: string): Promise<void> {
  const staged = toStagedPackage(await readFile(join(root, 'package.json'), 'utf8'));
  const lock = toStagedLock(await readFile(join(root, 'package-lock.json'), 'utf8'), staged);
  await mkdir(target, { recursive: true });
  await rm(join(target, 'dist'), { recursive: true, force: true });
  for (const path of copied) await cp(join(root, path), join(target, path), { recursive: true });
  await writeFile(join(target, 'package.json'), `${JSON.stringify(staged, null, 2)}\n`);
  await writeFile(join(target, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
}
