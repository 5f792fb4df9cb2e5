import { type Outcome, succeed } from '../../contracts/api/operator-problem.js';
import type { AuditQuery } from '../../contracts/api/queries.js';
import type { AuditRecord } from '../../contracts/audit.js';
import type { AuditLog } from '../../ports/audit-log.js';
import type { Clock } from '../../ports/clock.js';
import { type Listed, readPage, toListed } from './paging.js';

export interface AuditDeps {
  readonly auditLog: AuditLog;
  readonly clock: Clock;
}

/** What operators do that is written down. */
export type AuditAction =
  | 'control.pause'
  | 'control.resume'
  | 'set.clear'
  | 'set.release'
  | 'quarantine.resubmit'
  | 'quarantine.discard'
  | 'replay.start'
  | 'replay.cancel'
  | 'replay.resume'
  | 'dead-letters.redrive';

interface AuditEntry extends Pick<AuditRecord, 'actor' | 'target'> {
  readonly action: AuditAction;
  readonly reason: string;
  readonly details?: AuditRecord['details'];
}

/** Write down who did what. It comes before the deed, so that nothing is done unseen. @throws RetryableError */
export async function recordAudit(
  { reason, details = {}, ...entry }: AuditEntry,
  { auditLog, clock }: AuditDeps,
): Promise<void> {
  const at = new Date(clock.nowMs()).toISOString();
  await auditLog.append({ ...entry, at, details, ...(reason.trim() !== '' && { reason }) });
}

/** The audit log, newest first, page by page. @throws RetryableError */
export async function queryAudit(
  query: AuditQuery,
  { auditLog }: Pick<AuditDeps, 'auditLog'>,
): Promise<Outcome<Listed<AuditRecord>>> {
  const page = readPage(query);
  if (!page.ok) return page;
  const { target } = query;
  return succeed(toListed(await auditLog.list({ ...page.value, ...(target !== undefined && { target }) }), query));
}
