import type { Clock } from '../ports/clock.js';
import type { Ledger, LedgerEntry } from '../ports/ledger.js';
import type { StageQueues } from '../ports/stage-queues.js';
import type { RegistrySource } from './registry-source.js';
import { type ReleaseDeps, releaseHeld } from './release-held.js';
import { toDispatchMessage } from './to-dispatch-message.js';

export interface SweepDeps extends ReleaseDeps {
  readonly ledger: Pick<Ledger, 'listUnsent' | 'listHeldSubscriptions' | 'regulate'>;
  readonly queues: Pick<StageQueues, 'toDispatch'>;
  readonly registry: RegistrySource;
  readonly stages: readonly string[];
  readonly clock: Clock;
  /** Age after which a pending trigger is taken to have lost its dispatch message, in milliseconds. */
  readonly afterMs: number;
  readonly limitPerStage: number;
}

/** What a sweep found and did. */
export interface SweepCounts {
  /** Triggers handed on again: they had stayed pending, or their dispatcher died with the lease. */
  readonly handedOn: number;
  /** Triggers whose hold ended. */
  readonly released: number;
  /** Triggers older than `afterMs` that are not sent and not held. */
  readonly waiting: number;
  /** Age of the oldest of them; 0 when none waits. */
  readonly oldestPendingMs: number;
}

/**
 * Finish what stayed behind: hand stuck triggers on again, and let go held ones whose hold has ended.
 * Safe on several instances at once: dispatch claims each trigger before it sends. @throws RetryableError
 */
export async function sweep(deps: SweepDeps): Promise<SweepCounts> {
  const nowMs = deps.clock.nowMs();
  const query = { beforeMs: nowMs - deps.afterMs, limit: deps.limitPerStage };
  const perStage = await Promise.all(deps.stages.map((stage) => deps.ledger.listUnsent({ stage, ...query })));
  const waiting = perStage.flat();
  const stuck = waiting.filter((entry) => isStuck(entry, nowMs));
  await handOn(stuck, deps);
  const released = await releaseAll(deps);
  const oldestPendingMs = Math.max(0, ...waiting.map(({ pendingSince }) => nowMs - Date.parse(pendingSince)));
  return { handedOn: stuck.length, released, waiting: waiting.length, oldestPendingMs };
}

async function releaseAll(deps: SweepDeps): Promise<number> {
  const registry = await deps.registry.current();
  if (registry === undefined) return 0;
  let count = 0;
  for (const stage of deps.stages) {
    for (const subscription of await deps.ledger.listHeldSubscriptions(stage)) {
      const released = await releaseHeld({ stage, subscription }, registry, deps);
      await handOn(released, deps);
      count += released.length;
    }
  }
  return count;
}

async function handOn(entries: readonly LedgerEntry[], { queues }: Pick<SweepDeps, 'queues'>): Promise<void> {
  if (entries.length === 0) return;
  await queues.toDispatch(entries.map(toDispatchMessage));
}

function isStuck(entry: LedgerEntry, nowMs: number): boolean {
  switch (entry.state) {
    case 'pending':
      return true;
    case 'dispatching':
      return entry.leaseUntil === undefined || Date.parse(entry.leaseUntil) <= nowMs;
    case 'held':
    case 'sent':
    case 'absorbed':
    case 'withdrawn':
    case 'refused':
      return false;
    default:
      return entry.state satisfies never;
  }
}
