import type { PauseRequest, ResumeRequest } from '../../contracts/api/operations.js';
import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { Pause, PauseTarget } from '../../contracts/controls.js';
import { toTargetText } from '../../domain/pause-for.js';
import type { ControlState, ControlStore } from '../../ports/control-store.js';
import { RetryableError } from '../../ports/errors.js';
import type { RegistrySource } from '../registry-source.js';
import { type AuditDeps, recordAudit } from './audit.js';

export interface ControlDeps extends AuditDeps {
  readonly controlStore: ControlStore;
}

export interface PauseDeps extends ControlDeps {
  readonly registry: RegistrySource;
  readonly stages: readonly string[];
}

/** Who asks, and the state they looked at; without `etag` the change is made on whatever is there. */
export interface ChangeContext {
  readonly actor: string;
  readonly etag?: string | undefined;
}

const maxRaces = 5;

/** Switch a port, subscription, stage or everything off: its triggers are held, none is lost. @throws RetryableError */
export async function pause(
  { target, reason }: PauseRequest,
  context: ChangeContext,
  deps: PauseDeps,
): Promise<Outcome<ControlState>> {
  const refusal = await checkTarget(target, deps);
  if (refusal) return refusal;
  await recordAudit({ actor: context.actor, action: 'control.pause', target: toTargetText(target), reason }, deps);
  const since = new Date(deps.clock.nowMs()).toISOString();
  const own: Pause = { target, reason, actor: context.actor, since };
  return change(context, deps, (pauses) => [...withoutTarget(pauses, target), own]);
}

/** A pause of what does not exist would hold nothing while somebody relies on it. */
async function checkTarget(
  target: PauseTarget,
  { registry, stages }: PauseDeps,
): Promise<ReturnType<typeof refuse> | undefined> {
  if (target.kind === 'everything') return undefined;
  if (target.kind === 'stage') {
    if (stages.includes(target.stage)) return undefined;
    return refuse('not-found', `there is no stage ${target.stage}`, `name one of ${stages.join(', ')}`);
  }
  const current = await registry.current();
  if (current === undefined) return undefined;
  const isKnown =
    target.kind === 'port' ? current.ports.has(target.port) : current.subscriptions.has(target.subscription);
  if (isKnown) return undefined;
  return refuse('not-found', `${toTargetText(target)} is not in registry ${current.version}`, 'check the key');
}

/** Switch it on again; the sweep lets go what was held. @throws RetryableError */
export async function resume(
  { target, reason }: ResumeRequest,
  context: ChangeContext,
  deps: ControlDeps,
): Promise<Outcome<ControlState>> {
  const { pauses } = await deps.controlStore.read();
  if (withoutTarget(pauses, target).length === pauses.length) {
    return refuse('not-found', `${toTargetText(target)} is not paused`, 'list what is paused');
  }
  await recordAudit(
    { actor: context.actor, action: 'control.resume', target: toTargetText(target), reason: reason ?? '' },
    deps,
  );
  return change(context, deps, (current) => withoutTarget(current, target));
}

async function change(
  { etag }: ChangeContext,
  { controlStore }: ControlDeps,
  edit: (pauses: readonly Pause[]) => readonly Pause[],
): Promise<Outcome<ControlState>> {
  for (let race = 0; race < maxRaces; race += 1) {
    const state = await controlStore.read();
    if (etag !== undefined && etag !== state.etag) {
      return refuse('changed', 'the controls were changed since you looked', 'look again, then repeat');
    }
    const changed = await controlStore.replace(edit(state.pauses), state.etag);
    if (changed) return succeed(changed);
  }
  throw new RetryableError(`the controls changed ${maxRaces} times while they were being changed`);
}

function withoutTarget(pauses: readonly Pause[], target: PauseTarget): Pause[] {
  const text = toTargetText(target);
  return pauses.filter((each) => toTargetText(each.target) !== text);
}
