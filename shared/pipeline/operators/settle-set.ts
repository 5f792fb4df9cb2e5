import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { PendingSet, SetPath, SetResult } from '../../contracts/api/pending-set.js';
import type { CompiledRegistry, CompiledSubscription } from '../../domain/compiled-registry.js';
import { clearSet } from '../../domain/input-set/settle.js';
import type { Ledger } from '../../ports/ledger.js';
import type { LedgerQueries, StoredSet } from '../../ports/ledger-queries.js';
import type { RegistrySource } from '../registry-source.js';
import { type AuditDeps, recordAudit } from './audit.js';
import { toPendingSet, toPresentInput } from './query-sets.js';

export interface ReadSetDeps {
  readonly ledgerQueries: Pick<LedgerQueries, 'getSet'>;
  readonly registry: RegistrySource;
}

export interface ClearSetDeps extends ReadSetDeps, AuditDeps {
  readonly ledger: Pick<Ledger, 'changeSet'>;
}

/** Who settles a set, why, and the state they looked at. */
export interface SetContext {
  readonly actor: string;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly etag?: string | undefined;
}

/** A stored set with the rules it follows. */
export interface FoundSet {
  readonly stored: StoredSet;
  readonly subscription: CompiledSubscription;
  readonly registry: CompiledRegistry;
}

/** One set: what is there, what is missing, what it fired. @throws RetryableError */
export async function showSet(path: SetPath, deps: ReadSetDeps): Promise<Outcome<PendingSet>> {
  const found = await findSet(path, deps);
  return found.ok ? succeed(toPendingSet(found.value.stored, found.value.registry)) : found;
}

/**
 * Forget what came in of a set. Signals and verdicts stay, and so does what fired: neither the set nor its vector fires
 * anew. An input counts again when its event is replayed or the snapshot is sealed by another event.
 * @throws RetryableError
 */
export async function clearPendingSet(
  path: SetPath,
  context: SetContext,
  deps: ClearSetDeps,
): Promise<Outcome<SetResult>> {
  const found = await findSet(path, deps, context.etag);
  if (!found.ok) return found;
  const { stored } = found.value;
  const { actor, reason, dryRun } = context;
  const at = new Date(deps.clock.nowMs()).toISOString();
  const { set: to, forgotten } = clearSet(stored.state, { at, by: actor, reason });
  if (forgotten.length === 0) return refuse('conflict', toNothingText(stored), 'nothing is left to do');
  const { stage, subscription, set, etag } = stored;
  const result = { stage, subscription, set, inputs: forgotten.map(toPresentInput), missing: [] };
  if (dryRun) return succeed({ result: 'would-clear', ...result });
  const details = { events: result.inputs.map(({ eventId }) => eventId) };
  await recordAudit({ actor, action: 'set.clear', target: toSetText(stored), reason, details }, deps);
  const changed = await deps.ledger.changeSet({ stage, subscription, set, etag, to });
  return changed.kind === 'stored' ? succeed({ result: 'cleared', ...result }) : refuseChanged(stored);
}

function toNothingText({ set, state: { fired } }: StoredSet): string {
  const since = fired === undefined ? '' : ` since it fired at ${fired.at}`;
  return `nothing came in of set ${set}${since}`;
}

/** The set, if it is there and, when `etag` is given, as it was looked at. @throws RetryableError */
export async function findSet(
  { subscription: key, set }: SetPath,
  deps: ReadSetDeps,
  etag?: string,
): Promise<Outcome<FoundSet>> {
  const registry = await deps.registry.current();
  if (registry === undefined) return refuse('no-registry', 'no registry is in force', 'run "outport registry apply"');
  const subscription = registry.subscriptions.get(key);
  if (subscription === undefined) {
    return refuse('not-found', `subscription ${key} is not in registry ${registry.version}`, 'check the key');
  }
  if (subscription.entry.inputs === undefined) {
    const next = 'name a subscription with "inputs"; what a trigger waits for is told by explain';
    return refuse('not-found', `${key} has one input and no sets`, next);
  }
  const { stage } = subscription.entry;
  const stored = await deps.ledgerQueries.getSet({ stage, subscription: key, set });
  if (stored === undefined) {
    return refuse('not-found', `nothing ever came in of set ${set} of ${key} in ${stage}`, 'list its sets to find it');
  }
  if (etag !== undefined && etag !== stored.etag) return refuseChanged(stored);
  return succeed({ stored, subscription, registry });
}

/** The refusal when an input came in, or somebody else was faster. */
export function refuseChanged({ set }: StoredSet): ReturnType<typeof refuse> {
  return refuse('changed', `set ${set} was changed since you looked, by an input or by somebody`, 'look at it again');
}

/** A set as the audit log names it. */
export function toSetText({ stage, subscription, set }: StoredSet): string {
  return `set ${subscription} ${stage} ${set}`;
}
