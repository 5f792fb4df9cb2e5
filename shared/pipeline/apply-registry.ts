import type { RegistryDocument } from '../contracts/registry.js';
import { checkRegistry } from '../domain/registry/check-registry.js';
import { isEmptyPlan, planRegistry, type RegistryPlan } from '../domain/registry/plan.js';
import type { RegistryProblem } from '../domain/registry/registry-problem.js';
import type { RegistryPointer } from '../ports/registry-store.js';
import { type ChannelChanges, compareChannels, ensureChannels, type WaitingChannel } from './registry/channels.js';
import { loadToCompare } from './registry/in-force.js';
import { type ApplyDeps, type ChangeRequest, publishRegistry, tidyChannels } from './registry/publish-registry.js';

/** What became of an apply. */
export type ApplyOutcome =
  /** The version is in force. */
  | {
      readonly kind: 'applied';
      readonly version: string;
      readonly plan: RegistryPlan;
      readonly channels: ChannelChanges;
    }
  /** The same content was in force already; missing channels were mended. */
  | { readonly kind: 'already-in-force'; readonly version: string; readonly channels: ChannelChanges }
  /** Somebody else applied in between; nothing of this registry is in force. */
  | { readonly kind: 'overtaken'; readonly by: RegistryPointer | undefined }
  /** Channels that would go still hold messages; nothing was written. */
  | { readonly kind: 'confirmation-needed'; readonly channels: readonly WaitingChannel[] }
  /** The registry has errors; nothing was written. */
  | { readonly kind: 'refused'; readonly problems: readonly RegistryProblem[] };

/**
 * Put a registry in force: check it, make sure every consumer has a channel, publish, write down who did it, remove
 * channels nobody needs. Repeating it changes nothing. @throws RetryableError | TerminalError
 */
export async function applyRegistry(
  document: RegistryDocument,
  request: ChangeRequest,
  deps: ApplyDeps,
): Promise<ApplyOutcome> {
  const problems = checkRegistry(document, undefined, deps.clock.nowMs());
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) return { kind: 'refused', problems: errors };
  const base = await deps.registryStore.pointer();
  if (request.expected !== undefined && base?.version !== request.expected) return { kind: 'overtaken', by: base };
  const plan = planRegistry(await loadToCompare(base, deps.registryStore), document);
  const lost = request.mayLoseMessages === true ? [] : await findLoss(document, deps);
  if (lost.length > 0) return { kind: 'confirmation-needed', channels: lost };
  if (base && isEmptyPlan(plan)) return mend(document, base, request, deps);
  const outcome = await publishRegistry({ document, base, plan }, { ...request, action: 'registry-apply' }, deps);
  return outcome.kind === 'applied' ? { ...outcome, plan } : outcome;
}

async function findLoss(document: RegistryDocument, { channels }: ApplyDeps): Promise<WaitingChannel[]> {
  const { unneeded } = await compareChannels(document, channels);
  return unneeded.filter(({ waiting }) => waiting > 0);
}

/** An apply that died after the swap may have left channels and its audit record undone. */
async function mend(
  document: RegistryDocument,
  pointer: RegistryPointer,
  request: ChangeRequest,
  deps: ApplyDeps,
): Promise<ApplyOutcome> {
  const { version, appliedAt: at, appliedBy: actor } = pointer;
  const created = await ensureChannels(document, deps.channels);
  const { items: known } = await deps.auditLog.list({ limit: 1, target: version });
  if (known.length === 0) {
    await deps.auditLog.append({ at, actor, action: 'registry-apply', target: version, details: { completed: true } });
  }
  const rest = await tidyChannels(document, version, request, deps);
  return { kind: 'already-in-force', version, channels: { created, ...rest } };
}
