import { readBytes } from '../emit/read-events.js';
import { InputError } from '../errors.js';

/** One event as JSON from a file, or from standard input for `-`. @throws InputError */
export async function readEventFile(file: string): Promise<Record<string, unknown>> {
  const text = Buffer.from(await readBytes(file)).toString('utf8');
  const value = toJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new InputError(`${file} holds no JSON object`, 'give it one event');
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
