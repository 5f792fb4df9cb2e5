import type { RegistryDocument } from '../../contracts/registry.js';
import { checkRegistry } from '../../domain/registry/check-registry.js';
import { planRegistry, type RegistryPlan } from '../../domain/registry/plan.js';
import { type PlanEffects, toPlanEffects } from '../../domain/registry/plan-effects.js';
import type { RegistryProblem } from '../../domain/registry/registry-problem.js';
import { toRegistryView } from '../../domain/registry/registry-view.js';
import type { Clock } from '../../ports/clock.js';
import type { ConsumerChannels } from '../../ports/consumer-channels.js';
import type { RegistryStore } from '../../ports/registry-store.js';
import { compareChannels, type WaitingChannel } from './channels.js';
import { loadToCompare } from './in-force.js';

/** What applying a registry would do; nothing is done. */
export interface RegistryPreview {
  /** Version in force that the plan starts from. */
  readonly base: string | undefined;
  readonly plan: RegistryPlan;
  readonly effects: PlanEffects;
  readonly channels: { readonly create: readonly string[]; readonly remove: readonly WaitingChannel[] };
  readonly problems: readonly RegistryProblem[];
}

/** Compare a registry with what is in force and with the channels there are. @throws RetryableError | TerminalError */
export async function previewRegistry(
  document: RegistryDocument,
  deps: { readonly registryStore: RegistryStore; readonly channels: ConsumerChannels; readonly clock: Clock },
): Promise<RegistryPreview> {
  const pointer = await deps.registryStore.pointer();
  const before = await loadToCompare(pointer, deps.registryStore);
  const { missing, unneeded } = await compareChannels(document, deps.channels);
  return {
    base: pointer?.version,
    plan: planRegistry(before, document),
    effects: toPlanEffects(before && toRegistryView(before), toRegistryView(document)),
    channels: { create: missing, remove: unneeded },
    problems: checkRegistry(document, undefined, deps.clock.nowMs()),
  };
}
