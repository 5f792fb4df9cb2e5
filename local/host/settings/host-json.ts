import type { z } from 'zod';
import { HostSchema, type HostSettings } from './host-schema.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export type HostJson =
  | { readonly kind: 'ok'; readonly settings: HostSettings; readonly ignoredKeys: readonly string[] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Tree = Record<string, unknown>;

const OVERRIDE = /^AzureFunctionsJobHost(?:__|:)(.+)$/i;

/**
 * Read host.json text: overrides `AzureFunctionsJobHost__a__b` win, key case is ignored, defaults are filled in.
 *
 * Keys the platform would ignore are ignored here too and named in `ignoredKeys`.
 */
export function parseHostJson(text: string, env: Environment): HostJson {
  const raw = parseObject(text);
  if (!raw) return { kind: 'invalid', problems: ['host.json: not a JSON object; fix its syntax'] };
  const reference: unknown = HostSchema.parse({ version: '2.0' });
  const input = canonical(raw, reference);
  applyOverrides(input, env, reference);
  const parsed = HostSchema.safeParse(input);
  if (parsed.success) return { kind: 'ok', settings: parsed.data, ignoredKeys: ignored(input, parsed.data, '') };
  return { kind: 'invalid', problems: parsed.error.issues.map((issue) => toProblem(issue)) };
}

function toProblem(issue: z.core.$ZodIssue): string {
  return `host.json: ${issue.path.join('.') || '(root)'}: ${issue.message}`;
}

function parseObject(text: string): Tree | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isTree(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The platform's configuration ignores case; give every known key the spelling of the schema. */
function canonical(input: Tree, reference: unknown): Tree {
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => {
      const name = spell(key, reference);
      const below = isTree(reference) ? reference[name] : undefined;
      return [name, isTree(value) ? canonical(value, below) : value];
    }),
  );
}

function spell(key: string, reference: unknown): string {
  if (!isTree(reference)) return key;
  return Object.keys(reference).find((known) => known.toLowerCase() === key.toLowerCase()) ?? key;
}

function applyOverrides(input: Tree, env: Environment, reference: unknown): void {
  for (const [name, value] of Object.entries(env)) {
    const path = OVERRIDE.exec(name)?.[1]?.split(/__|:/);
    if (path && value !== undefined) assign(input, path, value, reference);
  }
}

function assign(target: Tree, path: readonly string[], value: string, reference: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  const name = spell(head, reference);
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const below = isTree(target[name]) ? target[name] : {};
  target[name] = below;
  assign(below, rest, value, isTree(reference) ? reference[name] : undefined);
}

function ignored(input: Tree, known: unknown, prefix: string): string[] {
  return Object.entries(input).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    if (!isTree(known) || !(key in known)) return [path];
    return isTree(value) && isTree(known[key]) ? ignored(value, known[key], `${path}.`) : [];
  });
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
