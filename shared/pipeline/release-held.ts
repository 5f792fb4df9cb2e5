import type { PortState } from '../contracts/port-state.js';
import type { Trigger } from '../contracts/trigger.js';
import type { CompiledRegistry } from '../domain/compiled-registry.js';
import { planRelease, type ReleasePlan } from '../domain/flow/plan-release.js';
import { findHolds } from '../domain/holds.js';
import type { Clock } from '../ports/clock.js';
import { changesPerPlan, type HeldTriggers, type SubscriptionRef } from '../ports/held-triggers.js';
import type { LedgerEntry } from '../ports/ledger.js';
import type { PortStates } from '../ports/port-states.js';
import type { PauseSource } from './pause-source.js';

export interface ReleaseDeps {
  readonly ledger: Pick<HeldTriggers, 'regulate'>;
  readonly portStates: Pick<PortStates, 'load'>;
  readonly pauses: PauseSource;
  readonly clock: Clock;
}

/** Plans in one go for one subscription; what is left waits for the next sweep, so that none starves the others. */
const mostRounds = 50;

/**
 * Let go what one subscription holds and may leave now; the released entries are pending and to be handed on.
 * What belongs to a subscription that is no longer registered stays. Safe to repeat. @throws RetryableError
 */
export async function releaseHeld(
  ref: SubscriptionRef,
  registry: CompiledRegistry,
  deps: ReleaseDeps,
): Promise<LedgerEntry[]> {
  const subscription = registry.subscriptions.get(ref.subscription);
  if (subscription === undefined) return [];
  const ports = [...subscription.inputs.values()].map(({ input }) => input.port);
  const portStates = await loadPortStates(ports, { ref, registry, deps });
  const pauseOf = await deps.pauses.current();
  const nowMs = deps.clock.nowMs();
  const plan = (held: readonly Trigger[], flow: ReleasePlan['flow']): ReleasePlan =>
    planRelease(held, flow, {
      subscription: subscription.entry,
      holdsOf: (trigger) => findHolds(trigger, { registry, portStates, pauseOf, nowMs }),
      nowMs,
      most: changesPerPlan,
    });
  const released: LedgerEntry[] = [];
  for (let round = 0; round < mostRounds; round += 1) {
    const answer = await deps.ledger.regulate(ref, plan);
    released.push(...answer.released);
    if (!answer.more) break;
  }
  return released;
}

async function loadPortStates(
  ports: readonly string[],
  { ref, registry, deps }: { ref: SubscriptionRef; registry: CompiledRegistry; deps: ReleaseDeps },
): Promise<ReadonlyMap<string, PortState>> {
  const guarded = [...new Set(ports)].filter((port) => registry.ports.get(port)?.entry.circuitBreaker);
  const states = await deps.portStates.load(guarded.map((port) => ({ stage: ref.stage, port })));
  return new Map(guarded.flatMap((port, index) => (states[index] ? [[port, states[index]] as const] : [])));
}
