import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The files that `main` of the app's package.json names, sorted. `main` is a glob relative to the app root.
 *
 * @throws Error when `main` is missing or matches nothing
 */
export async function findEntryFiles(appDir: string): Promise<string[]> {
  const glob = await readMain(appDir);
  const pattern = toRegExp(path.posix.normalize(glob.replace(/^\.\//, '')));
  const folder = path.join(appDir, fixedFolder(glob));
  const names = await listFiles(folder);
  const files = names.filter((file) => pattern.test(path.relative(appDir, file).split(path.sep).join('/')));
  if (files.length > 0) return files.sort();
  throw new Error(`package.json "main" is "${glob}" and matches no file in ${appDir}; build the app or correct "main"`);
}

async function readMain(appDir: string): Promise<string> {
  const file = path.join(appDir, 'package.json');
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'main' in parsed && typeof parsed.main === 'string') {
    return parsed.main;
  }
  throw new Error(`${file}: "main" is missing; name the entry files`);
}

function fixedFolder(glob: string): string {
  const parts = glob.split('/');
  const firstOpen = parts.findIndex((part) => /[*?{[]/.test(part));
  return parts.slice(0, firstOpen < 0 ? -1 : firstOpen).join('/');
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: false }).catch(() => []);
  const nested = entries.map(async (entry): Promise<string[]> => {
    const full = path.join(folder, entry.name);
    if (entry.isFile()) return [full];
    return entry.isDirectory() && entry.name !== 'node_modules' ? listFiles(full) : [];
  });
  return (await Promise.all(nested)).flat();
}

/** Supports `*`, `**`, `?`, `[abc]` and `{a,b}`. */
function toRegExp(glob: string): RegExp {
  let depth = 0;
  const source = glob.replaceAll(/\*\*\/|\*\*|\*|\?|\{|\}|,|\[!|[.+^$()|\\]/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token === '[!') return '[^';
    if (token === '{') depth += 1;
    if (token === '{') return '(?:';
    if (token === '}') depth -= 1;
    if (token === '}') return ')';
    if (token === ',') return depth > 0 ? '|' : ',';
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
