import type { PortState } from '../contracts/port-state.js';
import type { Hold, Trigger } from '../contracts/trigger.js';
import { toBreakerPhase } from './circuit-breaker.js';
import type { CompiledRegistry } from './compiled-registry.js';
import { findContractBreach } from './contract-breach.js';
import { entitlementFor } from './registry/entitlements.js';
import { fromTriggerInput } from './trigger.js';

/** Whether an operator stopped what a trigger belongs to. */
export type PauseOf = (scope: { stage: string; ports: readonly string[]; subscription: string }) => Hold | undefined;

/** What holds are found from. */
export interface HoldContext {
  readonly registry: CompiledRegistry;
  readonly portStates: ReadonlyMap<string, PortState>;
  readonly pauseOf?: PauseOf | undefined;
  readonly nowMs: number;
}

/**
 * Everything that keeps a trigger from leaving now, apart from its subscription's own rate and windows. Asked when the
 * trigger is made and again when it might be released, so that a hold ends as soon as its cause does.
 */
export function findHolds(trigger: Trigger, context: HoldContext): Hold[] {
  const { stage, subscription } = trigger;
  const ports = [...new Set(trigger.inputs.map((input) => input.outputPort.key))];
  const pause = context.pauseOf?.({ stage, ports, subscription });
  return [
    ...ports.flatMap((port) => findBreakerHold(port, context)),
    ...trigger.inputs.flatMap((input) => findBreachHold(fromTriggerInput(input), context.registry)),
    ...ports.flatMap((port) => findEntitlementHold(trigger, port, context)),
    ...(pause ? [pause] : []),
  ];
}

function findBreakerHold(port: string, { registry, portStates, nowMs }: HoldContext): Hold[] {
  const policy = registry.ports.get(port)?.entry.circuitBreaker;
  const breaker = portStates.get(port)?.breaker;
  if (policy === undefined || breaker === undefined) return [];
  const phase = toBreakerPhase(breaker, policy, nowMs);
  if (phase === 'closed') return [];
  const reason = `The circuit breaker of ${port} is ${phase} after ${breaker.failuresInRow} quality failures in a row.`;
  return [{ code: 'circuit-breaker', reason, ...toOwner(port, registry) }];
}

function findBreachHold(snapshot: ReturnType<typeof fromTriggerInput>, registry: CompiledRegistry): Hold[] {
  const breach = findContractBreach(snapshot, registry);
  return breach ? [{ code: 'contract-breach', reason: breach.reason, owner: breach.owner }] : [];
}

function findEntitlementHold(
  { consumer: product, stage }: Trigger,
  port: string,
  { registry, nowMs }: HoldContext,
): Hold[] {
  const state = entitlementFor(registry, { product, port, stage, may: 'consume' }, nowMs);
  if (state === 'not-required' || state === 'valid') return [];
  const since = state === 'missing' ? 'is not there any more' : `ended at ${state.expiredAt}`;
  const reason = `The entitlement of ${product} to consume ${port} ${since}.`;
  return [{ code: 'entitlement-expired', reason, ...toOwner(port, registry) }];
}

function toOwner(port: string, registry: CompiledRegistry): { owner?: string } {
  const product = registry.ports.get(port)?.entry.dataProduct ?? '';
  const owner = registry.products.get(product)?.owner;
  return owner === undefined ? {} : { owner };
}
