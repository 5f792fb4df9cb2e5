import { limits } from '../../contracts/limits.js';
import { type EntryPath, type RegistryProblem, type SourceDocument, toPathText, toPlace } from './registry-problem.js';

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);
/** Bounds of one registry document; far above what an entry or a contract of a thousand columns needs. */
const bounds = { depth: limits.depth, items: 5_000, nodes: 100_000, text: limits.stringLength, name: 256 };

interface Fault {
  readonly message: string;
  readonly fix: string;
}

interface Place {
  readonly value: unknown;
  readonly key: string | number;
  readonly depth: number;
  readonly parent: Place | undefined;
}

/**
 * The first reason why a document is too much to look at, before any schema does: nesting, width, size, names, or
 * numbers and text that JSON cannot carry. Walks with its own stack, and stops at the first.
 */
export function checkSourceShape(source: SourceDocument): RegistryProblem | undefined {
  const pending: Place[] = [{ value: source.value, key: '', depth: 0, parent: undefined }];
  let nodes = 0;
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    nodes += 1;
    const fault = nodes > bounds.nodes ? tooMuch(`holds more than ${bounds.nodes} values`) : findFault(place);
    if (fault) return toProblem(source, place, fault);
    if (typeof place.value !== 'object' || place.value === null) continue;
    for (const [key, value] of Object.entries(place.value)) {
      const name = Array.isArray(place.value) ? Number(key) : key;
      pending.push({ value, key: name, depth: place.depth + 1, parent: place });
    }
  }
  return undefined;
}

function tooMuch(message: string): Fault {
  return { message, fix: 'make it smaller' };
}

function findFault({ value, key, depth }: Place): Fault | undefined {
  if (depth > bounds.depth) return tooMuch(`is nested deeper than ${bounds.depth} levels`);
  if (typeof key === 'string') {
    if (key.length > bounds.name) return tooMuch(`has a member name of ${key.length} characters`);
    if (forbiddenKeys.has(key)) return { message: `member name "${key}" is not allowed`, fix: 'rename it' };
  }
  if (typeof value === 'string') return findTextFault(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { message: 'is a number JSON does not know', fix: 'write a finite number, or text in quotes' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const items = Array.isArray(value) ? value.length : Object.keys(value).length;
  return items > bounds.items ? tooMuch(`holds more than ${bounds.items} items`) : undefined;
}

function findTextFault(text: string): Fault | undefined {
  if (text.length > bounds.text)
    return tooMuch(`is text of ${text.length} characters; at most ${bounds.text} are read`);
  return text.isWellFormed() ? undefined : { message: 'is text with an unpaired surrogate', fix: 'correct the text' };
}

function toProblem(source: SourceDocument, place: Place, { message, fix }: Fault): RegistryProblem {
  const path: (string | number)[] = [];
  for (let at = place; at.parent !== undefined; at = at.parent) {
    path.unshift(typeof at.key === 'string' ? at.key.slice(0, 64) : at.key);
  }
  const shown: EntryPath = path.slice(0, 12);
  return {
    severity: 'error',
    code: 'unreadable-entry',
    ...toPlace(source, shown),
    path: toPathText(shown),
    message,
    fix,
  };
}
