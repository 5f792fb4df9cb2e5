import type { z } from 'zod';
import { InputError } from '../errors.js';

/** Options of a command as the query of a use case. @throws InputError naming every option that cannot be used */
export function readQuery<S extends z.ZodType>(schema: S, options: unknown): z.infer<S> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${toFlag(path)}: ${message}`);
  throw new InputError(problems.join('\n       '), 'correct the options; --help shows examples');
}

function toFlag(path: readonly PropertyKey[]): string {
  const name = path.map(String).join('.');
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
