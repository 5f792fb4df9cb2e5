import type {
  QuarantineBatchRequest,
  QuarantineBatchResult,
  QuarantineResult,
} from '../../contracts/api/operations.js';
import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { QuarantineItem, Resolution } from '../../contracts/quarantine-item.js';
import type { QuarantineDesk } from '../../ports/quarantine-desk.js';
import { type AuditDeps, recordAudit } from './audit.js';
import { refuseUnknown, toQuarantineFilter } from './query-quarantine.js';
import { checkResubmit, type ResubmitDeps, type Resubmittable, sendAgain } from './resubmit.js';

export interface SettleDeps extends AuditDeps, ResubmitDeps {
  readonly quarantineDesk: QuarantineDesk;
}

/** Who settles a record, why, and the state they looked at. */
export interface SettleContext {
  readonly actor: string;
  readonly reason: string;
  readonly etag?: string | undefined;
}

/**
 * Send a quarantined event again, as it was or corrected, and settle its record. What would be quarantined again is
 * refused with every problem. A death between the two leaves the record open: sent again, the event is a duplicate.
 * @throws RetryableError
 */
export async function resubmitQuarantined(
  id: string,
  { event, ...context }: SettleContext & { event?: Readonly<Record<string, unknown>> | undefined },
  deps: SettleDeps,
): Promise<Outcome<QuarantineResult>> {
  const item = await deps.quarantineDesk.get(id);
  const refusal = checkOpen(id, item, context.etag);
  if (refusal || item === undefined) return refusal ?? refuseUnknown(id);
  const check = await checkResubmit(item, event, deps);
  if (!check.ok) {
    const problems = check.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    return refuse(
      'conflict',
      `it would be quarantined again: ${problems}`,
      'correct the event, or the registry, first',
    );
  }
  return settleOne(item, { ...context, action: 'resubmit', check: check.value }, deps);
}

/** Give a quarantined event up; its bytes stay. @throws RetryableError */
export async function discardQuarantined(
  id: string,
  context: SettleContext,
  deps: SettleDeps,
): Promise<Outcome<QuarantineResult>> {
  const item = await deps.quarantineDesk.get(id);
  const refusal = checkOpen(id, item, context.etag);
  if (refusal || item === undefined) return refusal ?? refuseUnknown(id);
  return settleOne(item, { ...context, action: 'discard' }, deps);
}

/** Settle open records by filter, newest first; a dry run says what would be done to each. @throws RetryableError */
export async function settleQuarantineBatch(
  { action, reason, filter, limit, dryRun }: QuarantineBatchRequest,
  actor: string,
  deps: SettleDeps,
): Promise<QuarantineBatchResult> {
  const page = await deps.quarantineDesk.list({ ...toQuarantineFilter(filter), state: 'open' }, { limit });
  const results: QuarantineResult[] = [];
  for (const { id } of page.items) {
    const item = await deps.quarantineDesk.get(id);
    if (item) results.push(await settleInBatch(item, { action, reason, actor, dryRun }, deps));
  }
  return { results, more: page.after !== undefined };
}

interface BatchContext {
  readonly action: 'resubmit' | 'discard';
  readonly reason: string;
  readonly actor: string;
  readonly dryRun: boolean;
}

async function settleInBatch(item: QuarantineItem, context: BatchContext, deps: SettleDeps): Promise<QuarantineResult> {
  const { action, dryRun } = context;
  const named = { id: item.id, ...(item.eventId !== undefined && { eventId: item.eventId }) };
  if (action === 'discard') {
    if (dryRun) return { ...named, result: 'would-discard' };
    return toResult(named, await settleOne(item, { ...context, action }, deps));
  }
  const check = await checkResubmit(item, undefined, deps);
  if (!check.ok) return { ...named, result: 'refused', problems: [...check.problems] };
  if (dryRun) return { ...named, result: 'would-resubmit' };
  return toResult(named, await settleOne(item, { ...context, action, check: check.value }, deps));
}

function toResult(named: { id: string }, settled: Outcome<QuarantineResult>): QuarantineResult {
  if (settled.ok) return settled.value;
  return { ...named, result: 'refused', problems: [{ path: '$', message: settled.problem.detail }] };
}

type Settling = SettleContext & ({ action: 'discard' } | { action: 'resubmit'; check: Resubmittable });

async function settleOne(
  item: QuarantineItem,
  settling: Settling,
  deps: SettleDeps,
): Promise<Outcome<QuarantineResult>> {
  const { actor, reason, action } = settling;
  const audited = action === 'discard' ? 'quarantine.discard' : 'quarantine.resubmit';
  await recordAudit({ actor, action: audited, target: item.id, reason }, deps);
  const eventId = settling.action === 'resubmit' ? settling.check.eventId : undefined;
  if (settling.action === 'resubmit') await sendAgain(settling.check, deps);
  const state = action === 'discard' ? 'discarded' : 'resubmitted';
  const at = new Date(deps.clock.nowMs()).toISOString();
  const resolution: Resolution = { state, at, actor, reason, ...(eventId !== undefined && { eventId }) };
  const settled = await deps.quarantineDesk.resolve(item.id, resolution, item.etag);
  if (settled !== 'resolved') return refuse('changed', `${item.id} was settled by somebody else`, 'look at it again');
  return succeed({ id: item.id, result: state, ...(eventId !== undefined && { eventId }) });
}

function checkOpen(
  id: string,
  item: QuarantineItem | undefined,
  etag: string | undefined,
): ReturnType<typeof refuse> | undefined {
  if (item === undefined) return refuseUnknown(id);
  if (item.state !== 'open') {
    return refuse('conflict', `${id} is ${item.state} already`, 'emit the event anew if it is needed again');
  }
  if (etag === undefined || etag === item.etag) return undefined;
  return refuse('changed', `${id} was changed since you looked`, 'look again, then repeat');
}
