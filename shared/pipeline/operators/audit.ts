import type { AuditQuery } from '../../contracts/api/queries.js';
import type { AuditRecord } from '../../contracts/audit.js';
import type { AuditLog } from '../../ports/audit-log.js';
import type { Clock } from '../../ports/clock.js';

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

/** The audit log, newest first. @throws RetryableError */
export async function queryAudit(
  { limit, target }: AuditQuery,
  { auditLog }: Pick<AuditDeps, 'auditLog'>,
): Promise<{ items: AuditRecord[] }> {
  return { items: await auditLog.list({ limit, ...(target !== undefined && { target }) }) };
}
