import type { PortState } from '../contracts/port-state.js';
import type { Hold, Trigger, TriggerInput } from '../contracts/trigger.js';
import { toBreakerPhase } from './circuit-breaker.js';
import type { CompiledRegistry } from './compiled-registry.js';
import { findContractBreach } from './contract-breach.js';
import { entitlementFor } from './registry/entitlements.js';

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
  const found = [
    ...ports.map((port) => findBreakerHold(port, context)),
    ...trigger.inputs.map((input) => findBreachHold(input, context.registry)),
    ...ports.map((port) => findEntitlementHold(trigger, port, context)),
    context.pauseOf?.({ stage, ports, subscription }),
  ];
  return found.filter((hold) => hold !== undefined);
}

function findBreakerHold(port: string, { registry, portStates, nowMs }: HoldContext): Hold | undefined {
  const policy = registry.ports.get(port)?.entry.circuitBreaker;
  const breaker = portStates.get(port)?.breaker;
  if (policy === undefined || breaker === undefined) return undefined;
  const phase = toBreakerPhase(breaker, policy, nowMs);
  if (phase === 'closed') return undefined;
  const reason = `The circuit breaker of ${port} is ${phase} after ${breaker.failuresInRow} quality failures in a row.`;
  return { code: 'circuit-breaker', reason, ...toOwner(port, registry) };
}

function findBreachHold({ outputPort, snapshot }: TriggerInput, registry: CompiledRegistry): Hold | undefined {
  const { key: outputPortKey, version: outputPortVersion } = outputPort;
  const breach = findContractBreach({ outputPortKey, outputPortVersion, schemaHash: snapshot.schemaHash }, registry);
  return breach && { code: 'contract-breach', reason: breach.reason, owner: breach.owner };
}

function findEntitlementHold(
  { consumer: product, stage }: Trigger,
  port: string,
  { registry, nowMs }: HoldContext,
): Hold | undefined {
  const state = entitlementFor(registry, { product, port, stage, may: 'consume' }, nowMs);
  if (state === 'not-required' || state === 'valid') return undefined;
  const since = state === 'missing' ? 'is not there any more' : `ended at ${state.expiredAt}`;
  const reason = `The entitlement of ${product} to consume ${port} ${since}.`;
  return { code: 'entitlement-expired', reason, ...toOwner(port, registry) };
}

function toOwner(port: string, registry: CompiledRegistry): { owner?: string } {
  const product = registry.ports.get(port)?.entry.dataProduct ?? '';
  const owner = registry.products.get(product)?.owner;
  return owner === undefined ? {} : { owner };
}
