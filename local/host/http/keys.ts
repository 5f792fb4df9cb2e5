import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const KeysSchema = z.object({
  /** Opens everything, the admin endpoints included. */
  master: z.string().min(1),
  /** Open every function of level `function`, by key name. */
  host: z.record(z.string(), z.string().min(1)).default({}),
  /** Open one function, by function name and key name. */
  functions: z.record(z.string(), z.record(z.string(), z.string().min(1))).default({}),
});

/** The access keys of an app. */
export type Keys = z.infer<typeof KeysSchema>;

/** New random keys: a master key and one host key, `default`. */
export function createKeys(): Keys {
  return { master: newKey(), host: { default: newKey() }, functions: {} };
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Read the keys file, or create it with new keys, readable by its owner only.
 *
 * @throws Error when the file exists and holds something else
 */
export async function readOrCreateKeys(file: string): Promise<Keys> {
  const keys = createKeys();
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    return keys;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const parsed = KeysSchema.safeParse(toJson(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${file}: holds no keys; delete it to get new ones`);
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True when `given` opens an endpoint of this level. The master key opens every level. */
export function isAllowed(given: string | undefined, level: string, target: { name?: string; keys: Keys }): boolean {
  const { keys, name } = target;
  switch (level.toLowerCase()) {
    case 'anonymous':
      return true;
    case 'function': {
      const own = name === undefined ? {} : (keys.functions[name] ?? {});
      return [keys.master, ...Object.values(keys.host), ...Object.values(own)].some((key) => equal(given, key));
    }
    default:
      return equal(given, keys.master);
  }
}

function equal(given: string | undefined, key: string): boolean {
  if (given === undefined) return false;
  const [left, right] = [Buffer.from(given), Buffer.from(key)];
  return left.length === right.length && timingSafeEqual(left, right);
}
