/** One exact replacement in one file of ours; `find` must occur exactly once. */
export interface Edit {
  readonly find: string;
  readonly replace: string;
}

/** A way to break our own code that a run must notice. */
export interface Mutant {
  /** What the broken code does. */
  readonly name: string;
  /** Path from the root of the repository. */
  readonly file: string;
  readonly edits: readonly Edit[];
}

/** A mutant with one edit. */
export function mutant(name: string, file: string, find: string, replace: string): Mutant {
  return { name, file, edits: [{ find, replace }] };
}
