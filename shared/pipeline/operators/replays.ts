import type { ReplayPlan, ReplayRequest } from '../../contracts/api/operations.js';
import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { ReplayJob } from '../../contracts/replay-job.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { ReplayStore, StoredReplay } from '../../ports/replay-store.js';
import type { RegistrySource } from '../registry-source.js';
import { type AuditDeps, recordAudit } from './audit.js';
import { type PlanDeps, planReplay } from './plan-replay.js';
import { countSelection } from './replay-selection.js';

export interface ReplayDeps extends AuditDeps, PlanDeps {
  readonly replayStore: ReplayStore;
  readonly registry: RegistrySource;
}

/** Who asks, and whether what fired before may fire again. */
export interface ReplayContext {
  readonly actor: string;
  readonly force: boolean;
}

/** What came of asking for a replay: for a dry run a plan, else the replay, to be advanced. */
export type ReplayStart =
  { readonly kind: 'planned'; readonly plan: ReplayPlan } | { readonly kind: 'started'; readonly replay: StoredReplay };

/** Create a replay, or plan one. Its name is its own for ever: triggers of a forced one are named by it. @throws RetryableError */
export async function startReplay(
  request: ReplayRequest,
  { actor, force }: ReplayContext,
  deps: ReplayDeps,
): Promise<Outcome<ReplayStart>> {
  const registry = await deps.registry.current();
  if (registry === undefined) return refuse('no-registry', 'no registry is in force', 'run "outport registry apply"');
  const refusal = checkRequest(request, force, registry) ?? checkStage(request, deps);
  if (refusal) return refusal;
  const { dryRun, ...wished } = request;
  const total = await countSelection(request.selection, { registry, deps });
  if (request.selection.kind === 'signal' && total === 0) {
    const detail = `no signal of event ${request.selection.eventId} is stored`;
    return refuse('not-found', detail, 'explain the id; what is in quarantine is replayed with a selection of its own');
  }
  if (dryRun) return succeed({ kind: 'planned', plan: await planReplay({ ...wished, force }, registry, deps) });
  const nowIso = new Date(deps.clock.nowMs()).toISOString();
  const job: ReplayJob = {
    ...wished,
    force,
    actor,
    state: 'running',
    total,
    counts: { done: 0, fired: 0, firedBefore: 0, notMatched: 0, resubmitted: 0, retracted: 0, revoked: 0 },
    createdAt: nowIso,
    updatedAt: nowIso,
  };
  await recordAudit({ actor, action: 'replay.start', target: request.name, reason: request.reason }, deps);
  const replay = await deps.replayStore.create(job);
  if (replay) return succeed({ kind: 'started', replay });
  return refuse('conflict', `there is a replay ${request.name} already`, 'choose another name, or resume that one');
}

function checkRequest(
  { selection, reason }: ReplayRequest,
  force: boolean,
  registry: CompiledRegistry,
): ReturnType<typeof refuse> | undefined {
  if (force && reason.trim() === '') {
    return refuse('invalid-request', 'a forced replay makes consumers run again', 'give a reason that they can read');
  }
  if (force && selection.kind === 'quarantine') {
    return refuse('invalid-request', 'quarantined events have not fired', 'replay them without force');
  }
  if (selection.kind === 'subscription' && !registry.subscriptions.has(selection.subscription)) {
    return refuse('not-found', `${selection.subscription} is not in registry ${registry.version}`, 'check the key');
  }
  if (selection.kind === 'port' && !registry.ports.has(selection.port)) {
    return refuse('not-found', `${selection.port} is not in registry ${registry.version}`, 'check the key');
  }
  return undefined;
}

function checkStage(
  { selection }: ReplayRequest,
  { stages }: Pick<ReplayDeps, 'stages'>,
): ReturnType<typeof refuse> | undefined {
  if (selection.kind !== 'port' || stages.includes(selection.stage)) return undefined;
  return refuse('not-found', `there is no stage ${selection.stage}`, `name one of ${stages.join(', ')}`);
}

/** A replay by name. @throws RetryableError */
export async function showReplay(
  name: string,
  { replayStore }: Pick<ReplayDeps, 'replayStore'>,
): Promise<Outcome<StoredReplay>> {
  const found = await replayStore.get(name);
  return found ? succeed(found) : refuse('not-found', `there is no replay ${name}`, 'list the replays');
}

/** Who changes a replay, and the state they looked at. */
export interface ReplayChange {
  readonly actor: string;
  readonly etag?: string | undefined;
}

/** Stop a replay where it is; what was sent stays sent. @throws RetryableError */
export function cancelReplay(name: string, change: ReplayChange, deps: ReplayDeps): Promise<Outcome<StoredReplay>> {
  return changeState({ name, from: ['running'], to: 'cancelled', action: 'replay.cancel' }, change, deps);
}

/** Let a cancelled or failed replay go on where it stopped. @throws RetryableError */
export function resumeReplay(name: string, change: ReplayChange, deps: ReplayDeps): Promise<Outcome<StoredReplay>> {
  return changeState({ name, from: ['cancelled', 'failed'], to: 'running', action: 'replay.resume' }, change, deps);
}

interface StateChange {
  readonly name: string;
  readonly from: readonly ReplayJob['state'][];
  readonly to: ReplayJob['state'];
  readonly action: 'replay.cancel' | 'replay.resume';
}

async function changeState(
  { name, from, to, action }: StateChange,
  { actor, etag }: ReplayChange,
  deps: ReplayDeps,
): Promise<Outcome<StoredReplay>> {
  for (let asked = 0; ; asked += 1) {
    const found = await deps.replayStore.get(name);
    if (found === undefined) return refuse('not-found', `there is no replay ${name}`, 'list the replays');
    if (etag !== undefined && etag !== found.etag) {
      return refuse('changed', `replay ${name} moved on since you looked`, 'look again, then repeat');
    }
    if (!from.includes(found.job.state))
      return refuse('conflict', `replay ${name} is ${found.job.state}`, 'nothing is left to do');
    if (asked === 0) await recordAudit({ actor, action, target: name, reason: '' }, deps);
    const { leaseUntil: _free, failure: _over, ...rest } = found.job;
    const changed = { ...rest, state: to, updatedAt: new Date(deps.clock.nowMs()).toISOString() };
    const written = await deps.replayStore.update(changed, found.etag);
    if (written) return succeed(written); // else it moved on in between
  }
}
