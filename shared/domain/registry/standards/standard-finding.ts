import type { StandardDocument } from '../../../contracts/registry/standard-document.js';
import type { EntryPath } from '../registry-problem.js';

/** Something about a document in the shape of a standard that keeps us from reading all of it. */
export interface StandardFinding {
  readonly severity?: 'warning';
  readonly code: string;
  readonly original: StandardDocument;
  readonly path: EntryPath;
  readonly message: string;
  readonly fix: string;
}

/** A place in a document. */
export type StandardPlace = Pick<StandardFinding, 'original' | 'path'>;
