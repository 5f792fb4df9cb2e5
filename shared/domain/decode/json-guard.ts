import type { Problem, QuarantineReason } from '../../contracts/problem.js';
import { limits } from '../../contracts/limits.js';

/** Why a parsed JSON value is refused before any schema looks at it. */
export interface JsonRefusal {
  readonly reason: Extract<QuarantineReason, 'too-complex' | 'forbidden-key'>;
  readonly problem: Problem;
}

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Check depth, widths and keys of a parsed JSON value; undefined when it is within the limits.
 * Walks with its own stack: the depth of the input never becomes the depth of ours.
 */
export function checkJsonShape(root: unknown): JsonRefusal | undefined {
  const pending: { value: unknown; path: string; depth: number }[] = [{ value: root, path: '$', depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path, depth } = next;
    const refusal = checkNode(value, path, depth);
    if (refusal) return refusal;
    for (const [key, child] of childrenOf(value))
      pending.push({ value: child, path: `${path}.${key}`, depth: depth + 1 });
  }
  return undefined;
}

function childrenOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function checkNode(value: unknown, path: string, depth: number): JsonRefusal | undefined {
  if (depth > limits.depth) return tooComplex(path, `nested deeper than ${limits.depth} levels`);
  if (typeof value === 'string') return checkString(value, path);
  if (Array.isArray(value)) {
    return value.length > limits.arrayLength ? tooComplex(path, `more than ${limits.arrayLength} elements`) : undefined;
  }
  if (typeof value === 'object' && value !== null) return checkKeys(Object.keys(value), path);
  return undefined;
}

function checkString(value: string, path: string): JsonRefusal | undefined {
  if (value.length > limits.stringLength) return tooComplex(path, `text longer than ${limits.stringLength} characters`);
  return value.isWellFormed() ? undefined : tooComplex(path, 'text with an unpaired surrogate');
}

function checkKeys(keys: string[], path: string): JsonRefusal | undefined {
  if (keys.length > limits.keysPerObject) return tooComplex(path, `more than ${limits.keysPerObject} members`);
  const forbidden = keys.find((key) => forbiddenKeys.has(key));
  if (forbidden === undefined) return undefined;
  return {
    reason: 'forbidden-key',
    problem: { path, message: `member name "${forbidden}" is not allowed; rename it` },
  };
}

function tooComplex(path: string, what: string): JsonRefusal {
  return { reason: 'too-complex', problem: { path: path.slice(0, 512), message: `${what}; send a smaller event` } };
}
