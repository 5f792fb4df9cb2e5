import type { z } from 'zod';
import { type RegistryProblem, type SourceDocument, toPathText, toPlace } from './registry-problem.js';

/** Kinds of documents a registry file may hold. */
const kinds = ['DataProduct', 'OutputPort', 'Subscription', 'Policy', 'Entitlement', 'DataContract'] as const;

/** What a schema says against a document, with file, line and what to do; the first reason for each place. */
export function toEntryProblems(source: SourceDocument, error: z.ZodError): RegistryProblem[] {
  const key = readKey(source.value);
  const seen = new Set<string>();
  return error.issues.flatMap((issue): RegistryProblem[] => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    const place = toPathText(path);
    if (seen.has(place)) return [];
    seen.add(place);
    const problem: RegistryProblem = {
      severity: 'error',
      code: 'invalid-entry',
      ...toPlace(source, path),
      ...(key !== undefined && { key }),
      path: place,
      message: toMessage(issue, source.value),
      fix: toFix(issue, source.value),
    };
    return [problem];
  });
}

function toMessage(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.path.length === 0) return `is ${describe(value)}, not an entry`;
  if (issue.code === 'invalid_union') return `is ${describe(at(value, issue.path))}`;
  return `${issue.message} (found ${describe(at(value, issue.path))})`;
}

function toFix(issue: z.core.$ZodIssue, value: unknown): string {
  const found = at(value, issue.path);
  if (issue.path.length === 0) return 'write a mapping that starts with "kind:"';
  if (issue.code === 'invalid_union') return `set it to one of ${kinds.join(', ')}`;
  if (found === undefined) return 'add this member';
  if (issue.code === 'invalid_type' && issue.expected === 'string' && isPlain(found)) {
    return `put the value in quotes: "${found}"`;
  }
  return 'correct the value';
}

function isPlain(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The value at a place inside a document; undefined when there is none. */
export function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, part) => {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, part)) return undefined;
    return (node as Record<PropertyKey, unknown>)[part]; // own member, checked above
  }, value);
}

function readKey(value: unknown): string | undefined {
  const key = at(value, ['key']);
  return typeof key === 'string' ? key.slice(0, 128) : undefined;
}
