import type { z } from 'zod';
import { limits } from '../../contracts/limits.js';
import type { Problem } from '../../contracts/problem.js';

/** Problems by dotted path, in schema order; what exceeds the limit is counted in one last line. */
export function toProblems(error: z.ZodError, value: unknown, pathPrefix = ''): Problem[] {
  const named = error.issues.slice(0, limits.problemsPerEvent).map((issue) => ({
    path: pathPrefix + (issue.path.map(String).join('.') || '$'),
    message: toMessage(issue, at(value, issue.path)),
  }));
  const rest = error.issues.length - named.length;
  return rest > 0 ? [...named, { path: '$', message: `and ${rest} more problems` }] : named;
}

/** What is wrong and what to do; the schemas' own sentences, and ours where they have none. */
function toMessage(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (found === undefined) return `is missing; add it (${toExpectation(issue.expected)})`;
      return `is ${describe(found)}; send ${toExpectation(issue.expected)}`;
    case 'invalid_value':
      if (found === undefined) return `is missing; add it (one of ${issue.values.map(String).join(', ')})`;
      return `is ${describe(found)}; send one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'is empty; give it a value' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return toSizeMessage(issue.origin, issue.maximum);
    case 'invalid_union':
      // Only the kind of event is a union; kinds that do not exist never come here.
      return found === undefined ? 'is missing; add the kind of event' : `is ${describe(found)}; send a kind of event`;
    default:
      return issue.message;
  }
}

function toSizeMessage(origin: string, maximum: number | bigint): string {
  if (origin === 'string') return `is longer than ${maximum} characters; shorten it`;
  return origin === 'array' ? `has more than ${maximum} elements; send fewer` : `must be at most ${maximum}`;
}

const expectations: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  object: 'an object',
  array: 'a list',
};

function toExpectation(expected: string): string {
  return expectations[expected] ?? expected;
}

/** The kind of a value, and the value where it is short and plain. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return 'an object';
  }
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );
}
