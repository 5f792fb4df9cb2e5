import { remember } from './remember.js';

/**
 * RFC 8785 canonical JSON of a value that `JSON.parse` returned or could have returned: members sorted by UTF-16 code
 * units, no white space; members that are undefined are left out, as `JSON.stringify` does. Our own because it runs for
 * every event and takes a fifth of the time of the library that its test compares it with.
 */
export function toCanonicalJson(value: unknown): string {
  if (typeof value === 'string') return toText(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return Array.isArray(value) ? toList(value) : toMembers(value as Readonly<Record<string, unknown>>); // no array, no null
}

function toText(value: string): string {
  return isPlain(value) ? `"${value}"` : JSON.stringify(value);
}

/** Whether JSON writes a text as it is, between quotes: ASCII without controls, quotes and backslashes. */
function isPlain(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false;
  }
  return true;
}

function toList(values: readonly unknown[]): string {
  let text = '[';
  let comma = '';
  for (const value of values) {
    text += comma + toCanonicalJson(value);
    comma = ',';
  }
  return `${text}]`;
}

function toMembers(value: Readonly<Record<string, unknown>>): string {
  let text = '{';
  let comma = '';
  for (const name of sorted(Object.keys(value))) {
    const member = value[name];
    if (member === undefined) continue;
    text += comma + toName(name) + toCanonicalJson(member);
    comma = ',';
  }
  return `${text}}`;
}

/** A member's name with its colon. The names of a schema, and of what producers add to it, come in every event. */
const toName = remember(1_000, (name: string) => `${JSON.stringify(name)}:`);

/** In place by insertion, which beats `sort` for the few members an object has and for those that come sorted. */
function sorted(keys: string[]): string[] {
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    let to = index;
    for (let before = keys[to - 1]; before !== undefined && before > key; before = keys[to - 1]) {
      keys[to] = before;
      to -= 1;
    }
    keys[to] = key;
  }
  return keys;
}
