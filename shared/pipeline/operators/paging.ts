import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import { toContentHash } from '../../domain/identity.js';
import type { Page, PageRequest } from '../../ports/page.js';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page as people get it: `cursor` asks for the next one. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

/**
 * The page a query asks for. A cursor is good for the query that gave it and no other: it carries a hash of it, so that
 * a changed filter is refused instead of skipping rows.
 */
export function readPage(query: Paged): Outcome<PageRequest> {
  const { limit, cursor } = query;
  if (cursor === undefined) return succeed({ limit });
  const [hash, after] = readCursor(cursor);
  if (after === undefined) return refuse('invalid-request', 'the cursor is damaged', 'use a cursor as a page gave it');
  if (hash !== toQueryHash(query)) {
    return refuse(
      'invalid-request',
      'the cursor belongs to another query',
      'repeat the query that gave it, or start over',
    );
  }
  return succeed({ limit, after });
}

/** The stages a query is about: the one it names, or all there are; one that is not is a slip of the pen. */
export function readStages(stage: string | undefined, stages: readonly string[]): Outcome<readonly string[]> {
  if (stage === undefined) return succeed(stages);
  if (stages.includes(stage)) return succeed([stage]);
  return refuse('invalid-request', `there is no stage ${stage}`, `name one of ${stages.join(', ')}`);
}

/** A page with its cursor for the next. */
export function toListed<T>({ items, after }: Page<T>, query: Paged): Listed<T> {
  if (after === undefined) return { items };
  return { items, cursor: Buffer.from(JSON.stringify([toQueryHash(query), after])).toString('base64url') };
}

function toQueryHash(query: Paged): string {
  const { limit: _limit, cursor: _cursor, ...rest } = query;
  return toContentHash(rest).slice(0, 12);
}

function readCursor(cursor: string): [string?, string?] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parsed)) return [];
    const [hash, after] = parsed as unknown[];
    return typeof hash === 'string' && typeof after === 'string' ? [hash, after] : [];
  } catch {
    return [];
  }
}
