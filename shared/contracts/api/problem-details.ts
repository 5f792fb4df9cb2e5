import { z } from 'zod';
import { Problem } from '../problem.js';
import type { OperatorProblemCode } from './operator-problem.js';

/** Problem codes of the API beside those of the use cases. */
type TransportCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'too-large'
  | 'too-many-requests'
  | 'invalid-events'
  | 'unavailable'
  | 'refused-by-service'
  | 'internal';

/** Any error of the API by name. */
export type ApiProblemCode = OperatorProblemCode | TransportCode;

/** HTTP status and title of each problem. */
export const apiProblems: Record<ApiProblemCode, { readonly status: number; readonly title: string }> = {
  'invalid-request': { status: 400, title: 'The request cannot be used' },
  'needs-scan': { status: 400, title: 'Only a scan answers this' },
  unauthenticated: { status: 401, title: 'Say who you are' },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'Its state does not allow this' },
  changed: { status: 412, title: 'It was changed in between' },
  'too-large': { status: 413, title: 'The request is too large' },
  'invalid-events': { status: 422, title: 'Some events are not valid' },
  'too-many-requests': { status: 429, title: 'Slow down' },
  internal: { status: 500, title: 'Something went wrong' },
  'refused-by-service': { status: 502, title: 'A service refused the call' },
  'no-registry': { status: 503, title: 'No registry is in force' },
  unavailable: { status: 503, title: 'A service does not answer' },
};

/** The body of every error (RFC 9457). */
export const ProblemDetails = z
  .object({
    type: z.string().meta({ examples: ['urn:outport:problem:needs-scan'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** What to do about it. */
    next: z.string().optional(),
    problems: z.array(Problem).optional(),
  })
  .meta({ id: 'ProblemDetails' });
export type ProblemDetails = z.infer<typeof ProblemDetails>;

/** The body for a problem. */
export function toProblemDetails(
  code: ApiProblemCode,
  detail: string,
  more: { next?: string; problems?: readonly Problem[] } = {},
): ProblemDetails {
  const { status, title } = apiProblems[code];
  const { next, problems } = more;
  return {
    type: `urn:outport:problem:${code}`,
    title,
    status,
    detail,
    ...(next !== undefined && { next }),
    ...(problems && { problems: [...problems] }),
  };
}
