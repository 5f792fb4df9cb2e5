/** Why an operator's request was not done; each names what the caller must do. */
export type OperatorProblemCode =
  /** The request cannot be understood or contradicts itself. */
  | 'invalid-request'
  /** Nothing but a walk over everything answers this. */
  | 'needs-scan'
  | 'not-found'
  /** The state of the thing does not allow it. */
  | 'conflict'
  /** It was changed since the caller looked. */
  | 'changed'
  /** Nothing was applied yet to decide with. */
  | 'no-registry';

/** An expected failure of a use case, the same over HTTP and on the command line. */
export interface OperatorProblem {
  readonly code: OperatorProblemCode;
  readonly detail: string;
  /** What to do about it. */
  readonly next: string;
}

/** What a use case answers: a value, or why not. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: OperatorProblem };

export function succeed<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refuse(
  code: OperatorProblemCode,
  detail: string,
  next: string,
): { ok: false; problem: OperatorProblem } {
  return { ok: false, problem: { code, detail, next } };
}
