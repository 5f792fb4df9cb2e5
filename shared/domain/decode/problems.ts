import type { z } from 'zod';
import { limits } from '../../contracts/limits.js';
import type { Problem } from '../../contracts/problem.js';

/** Problems by dotted path, in schema order; what exceeds the limit is counted in one last line. */
export function toProblems(error: z.ZodError, pathPrefix = ''): Problem[] {
  const named = error.issues.slice(0, limits.problemsPerEvent).map((issue) => ({
    path: pathPrefix + (issue.path.map(String).join('.') || '$'),
    message: issue.message,
  }));
  const rest = error.issues.length - named.length;
  return rest > 0 ? [...named, { path: '$', message: `and ${rest} more problems` }] : named;
}
