import type { z } from 'zod';
import { InputError } from '../errors.js';

/**
 * Options of a command as the query of a use case; `positional` names the members that are arguments.
 * @throws InputError naming every option and argument that cannot be used
 */
export function readQuery<S extends z.ZodType>(
  schema: S,
  options: unknown,
  positional: readonly string[] = [],
): z.infer<S> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${toName(path, positional)}: ${toText(message)}`);
  throw new InputError([...new Set(problems)].join('\n       '), 'correct that; --help shows examples');
}

/** Members within a selection or a target are options of their own. */
function toName(path: readonly PropertyKey[], positional: readonly string[]): string {
  const name = String(path.at(-1) ?? '');
  if (positional.includes(name)) return `<${name}>`;
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function toText(message: string): string {
  return message.endsWith('received undefined') ? 'is needed here' : message;
}
