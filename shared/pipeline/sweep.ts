import type { Clock } from '../ports/clock.js';
import type { Ledger, LedgerEntry } from '../ports/ledger.js';
import type { StageQueues } from '../ports/stage-queues.js';

export interface SweepDeps {
  readonly ledger: Pick<Ledger, 'listUnsent'>;
  readonly queues: Pick<StageQueues, 'toDispatch'>;
  readonly stages: readonly string[];
  readonly clock: Clock;
  /** Age after which a pending trigger is taken to have lost its dispatch message, in milliseconds. */
  readonly afterMs: number;
  readonly limitPerStage: number;
}

/**
 * Hand triggers on again that stayed pending, or whose dispatcher died with the lease.
 * Safe on several instances at once: dispatch claims each trigger before it sends. @throws RetryableError
 */
export async function sweep(deps: SweepDeps): Promise<{ handedOn: number }> {
  const nowMs = deps.clock.nowMs();
  const query = { beforeMs: nowMs - deps.afterMs, limit: deps.limitPerStage };
  const perStage = await Promise.all(deps.stages.map((stage) => deps.ledger.listUnsent({ stage, ...query })));
  const stuck = perStage.flat().filter((entry) => isStuck(entry, nowMs));
  if (stuck.length > 0) {
    await deps.queues.toDispatch(stuck.map(({ trigger, etag }) => ({ kind: 'dispatch', trigger, etag })));
  }
  return { handedOn: stuck.length };
}

function isStuck(entry: LedgerEntry, nowMs: number): boolean {
  switch (entry.state) {
    case 'pending':
      return true;
    case 'dispatching':
      return entry.leaseUntil === undefined || Date.parse(entry.leaseUntil) <= nowMs;
    case 'sent':
      return false;
    default:
      return entry.state satisfies never;
  }
}
