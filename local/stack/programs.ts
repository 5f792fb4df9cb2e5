import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/**
 * The built file of one of our own programs, for example `host/main.js`.
 *
 * @throws Error when it was not built
 */
export function ownProgram(relative: string): string {
  const beside = path.join(HERE, '..', relative);
  const built = path.join(HERE, '..', '..', 'dist', 'local', relative);
  const found = [beside, built].find((file) => existsSync(file));
  if (found) return found;
  throw new Error(`${built} does not exist; run "npm run build" first`);
}

/** Azurite's combined entry: blobs, queues and tables in one process. */
export function azuriteProgram(): string {
  return createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
}
