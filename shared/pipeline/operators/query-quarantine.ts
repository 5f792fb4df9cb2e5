import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { QuarantineQuery } from '../../contracts/api/queries.js';
import type { QuarantineItem, QuarantineSummary } from '../../contracts/quarantine-item.js';
import type { QuarantineDesk, QuarantineFilter } from '../../ports/quarantine-desk.js';
import { type Listed, readPage, toListed } from './paging.js';

interface Deps {
  readonly quarantineDesk: QuarantineDesk;
}

/** Quarantined records, newest first, without their bytes. @throws RetryableError */
export async function queryQuarantine(
  query: QuarantineQuery,
  { quarantineDesk }: Deps,
): Promise<Outcome<Listed<QuarantineSummary>>> {
  const page = readPage(query);
  if (!page.ok) return page;
  const { state, ...rest } = query;
  const filter = { ...toQuarantineFilter(rest), ...(state !== 'any' && { state }) };
  return succeed(toListed(await quarantineDesk.list(filter, page.value), query));
}

/** One record with its bytes. @throws RetryableError */
export async function showQuarantined(id: string, { quarantineDesk }: Deps): Promise<Outcome<QuarantineItem>> {
  const item = await quarantineDesk.get(id);
  return item ? succeed(item) : refuseUnknown(id);
}

export function refuseUnknown(id: string): ReturnType<typeof refuse> {
  return refuse('not-found', `there is no quarantined record ${id}`, 'list the quarantine to find its id');
}

/** A filter as people write it, in the store's terms. */
export function toQuarantineFilter(filter: {
  reason?: QuarantineFilter['reason'] | undefined;
  producer?: string | undefined;
  port?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}): QuarantineFilter {
  const { reason, producer, port, from, to } = filter;
  return {
    ...(reason !== undefined && { reason }),
    ...(producer !== undefined && { producer }),
    ...(port !== undefined && { port }),
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { beforeMs: Date.parse(to) }),
  };
}
