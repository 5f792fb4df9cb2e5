import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './host-json.js';

/**
 * The app settings: the environment, then `Values` of local.settings.json for names the environment leaves open.
 *
 * @throws Error when local.settings.json exists and is not the expected JSON
 */
export async function readAppSettings(appDir: string, env: Environment): Promise<Record<string, string>> {
  const settings: Record<string, string> = await readValues(path.join(appDir, 'local.settings.json'));
  for (const [name, value] of Object.entries(env)) if (value !== undefined) settings[name] = value;
  return settings;
}

async function readValues(file: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  const parsed = parse(text, file);
  if (parsed['IsEncrypted'] === true) throw new Error(`${file}: settings are encrypted; decrypt them first`);
  const values = parsed['Values'] ?? {};
  if (typeof values !== 'object' || values === null) throw new Error(`${file}: "Values" must be an object of strings`);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === 'object') throw new Error(`${file}: Values.${name} must be a string`);
      return [name, String(value)];
    }),
  );
}

function parse(text: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Reported below with the file's name.
  }
  throw new Error(`${file}: not a JSON object; fix its syntax`);
}

/**
 * Replace every `%NAME%` by the setting of that name.
 *
 * @throws Error when a named setting does not exist
 */
export function resolveSettings(text: string, settings: Environment): string {
  return text.replaceAll(/%([^%]+)%/g, (_match, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`"%${name}%" does not resolve to a value; add the app setting "${name}"`);
    return value;
  });
}

/** True when `AzureWebJobs.<name>.Disabled` (or its `__` form) switches the function off. */
export function isDisabled(name: string, settings: Environment): boolean {
  const value = settings[`AzureWebJobs.${name}.Disabled`] ?? settings[`AzureWebJobs__${name}__Disabled`];
  return value !== undefined && /^(true|1)$/i.test(value);
}
