import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Outport's own folder: the nearest one above this file that holds host.json, also when run from `dist`. */
export function findPackageDir(): string {
  for (let dir = import.meta.dirname; dir !== dirname(dir); dir = dirname(dir)) {
    if (existsSync(join(dir, 'host.json')) && existsSync(join(dir, 'package.json'))) return dir;
  }
  throw new Error('host.json is missing; the installation is incomplete');
}

/** The version in package.json. */
export function readPackageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(findPackageDir(), 'package.json'), 'utf8'));
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
