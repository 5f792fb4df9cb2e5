import type { Problem, QuarantineReason } from '../../contracts/problem.js';
import { limits } from '../../contracts/limits.js';
import { rememberNames } from '../remember-names.js';
import { toSafeText } from '../safe-text.js';
import { countMembers, findDuplicateMember, toShortestLength } from './member-count.js';

/** Why a parsed JSON value is refused before any schema looks at it. */
export interface JsonRefusal {
  readonly reason: Extract<
    QuarantineReason,
    'too-complex' | 'forbidden-key' | 'duplicate-member' | 'malformed-text' | 'unsafe-number'
  >;
  readonly problem: Problem;
}

interface Finding {
  readonly reason: JsonRefusal['reason'];
  readonly message: string;
  /** Members and positions from the root to the place. */
  readonly path: readonly string[];
}

interface Tally {
  members: number;
  /** No text of the value is shorter than this. */
  shortest: number;
}

/** A JSON text as bytes, as text and as the value it parses to. */
export interface ParsedJson {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly value: unknown;
}

const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * Check depth, widths, names, texts and numbers of a JSON value; undefined when all is well.
 *
 * What passes has one meaning everywhere: no member twice, no text that is not Unicode, no number that changes between
 * programs. The recursion ends at the depth limit, so the input's depth never becomes the depth of the stack.
 */
export function checkJsonShape({ bytes, text, value }: ParsedJson): JsonRefusal | undefined {
  const tally = { members: 0, shortest: 0 };
  const finding = visit(value, 0, tally);
  if (finding) return toRefusal(finding);
  // A member that the value does not have any more would have made the text longer.
  if (text.length === tally.shortest) return undefined;
  if (countMembers(bytes) === tally.members) return undefined;
  const path = findDuplicateMember(text) ?? [];
  return toRefusal({ reason: 'duplicate-member', message: 'is given twice; keep one of them', path });
}

function visit(value: unknown, depth: number, tally: Tally): Finding | undefined {
  if (typeof value === 'string') {
    tally.shortest += value.length + 2;
    return checkText(value);
  }
  if (typeof value === 'number') {
    tally.shortest += toShortestLength(value);
    return checkNumber(value);
  }
  if (typeof value !== 'object' || value === null) {
    tally.shortest += String(value).length;
    return undefined;
  }
  if (depth > limits.depth) return tooComplex(`is nested deeper than ${limits.depth} levels`);
  if (Array.isArray(value)) return visitArray(value, depth, tally);
  return visitObject(value as Readonly<Record<string, unknown>>, depth, tally); // no array, no null
}

function visitArray(items: readonly unknown[], depth: number, tally: Tally): Finding | undefined {
  if (items.length > limits.arrayLength) return tooComplex(`has more than ${limits.arrayLength} elements`);
  tally.shortest += 2 + Math.max(0, items.length - 1);
  for (const [index, item] of items.entries()) {
    const found = visit(item, depth + 1, tally);
    if (found) return { ...found, path: [String(index), ...found.path] };
  }
  return undefined;
}

function visitObject(value: Readonly<Record<string, unknown>>, depth: number, tally: Tally): Finding | undefined {
  const names = Object.keys(value);
  if (names.length > limits.keysPerObject) return tooComplex(`has more than ${limits.keysPerObject} members`);
  const { areGood, shortest } = lookAtNames(names);
  tally.members += names.length;
  tally.shortest += shortest;
  for (const name of names) {
    const found = (areGood ? undefined : findNameFault(name)) ?? visit(value[name], depth + 1, tally);
    if (found) return { ...found, path: [name, ...found.path] };
  }
  return undefined;
}

/** What holds for all objects with these names, and what their braces, names, colons and commas take. */
const lookAtNames = rememberNames((names) => ({
  areGood: names.every((name) => findNameFault(name) === undefined),
  shortest: names.reduce((sum, name) => sum + name.length + 3, 2 + Math.max(0, names.length - 1)),
}));

function findNameFault(name: string): Finding | undefined {
  if (forbiddenNames.has(name)) return forbidden('is a member name that is not allowed; rename it');
  if (name.length > limits.memberNameLength) {
    return forbidden(`is a member name longer than ${limits.memberNameLength} characters; shorten it`);
  }
  if (!name.isWellFormed()) return malformed('is a member name');
  return controls.test(name) ? forbidden('is a member name with control characters; rename it') : undefined;
}

function checkText(value: string): Finding | undefined {
  if (value.length > limits.stringLength) return tooComplex(`is text longer than ${limits.stringLength} characters`);
  return value.isWellFormed() ? undefined : malformed('is text');
}

/** Beyond 2^53 programs disagree about a number's digits, and `1e400` is none at all. */
function checkNumber(value: number): Finding | undefined {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return undefined;
  return { reason: 'unsafe-number', message: 'is a number beyond ±(2^53 - 1); send it as text', path: [] };
}

function tooComplex(what: string): Finding {
  return { reason: 'too-complex', message: `${what}; send less, or a reference to it`, path: [] };
}

function forbidden(message: string): Finding {
  return { reason: 'forbidden-key', message, path: [] };
}

function malformed(what: string): Finding {
  return { reason: 'malformed-text', message: `${what} with an unpaired surrogate; send whole characters`, path: [] };
}

function toRefusal({ reason, message, path }: Finding): JsonRefusal {
  // The end of a long path says more than its beginning.
  const text = toSafeText(path.join('.') || '$');
  return { reason, problem: { path: text.length > 512 ? `…${text.slice(-511)}` : text, message } };
}
