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
  /** What is remembered of ports, by key, as far as `toRememberedPorts` asks for it. */
  readonly portStates?: ReadonlyMap<string, PortState>;
  readonly pauseOf?: PauseOf | undefined;
  readonly nowMs: number;
}

/**
 * Everything that keeps a trigger from leaving now, apart from its subscription's own rate and windows. Asked when the
 * trigger is made and again when it might be released, so that a hold ends as soon as its cause does.
 */
export function findHolds(trigger: Trigger, context: HoldContext): Hold[] {
  const { stage, subscription } = trigger;
  const ports = toPortKeys(trigger.inputs);
  const holds: Hold[] = [];
  const add = (hold: Hold | undefined): void => {
    if (hold !== undefined) holds.push(hold);
  };
  for (const port of ports) add(findBreakerHold(port, context));
  for (const input of trigger.inputs) add(findBreachHold(input, context.registry));
  for (const port of ports) add(findEntitlementHold(trigger, port, context));
  add(context.pauseOf?.({ stage, ports, subscription }));
  return holds;
}

/** Each once, in order. */
function toPortKeys(inputs: readonly TriggerInput[]): string[] {
  const [first, ...others] = inputs;
  if (first !== undefined && others.length === 0) return [first.outputPort.key];
  return [...new Set(inputs.map((input) => input.outputPort.key))];
}

function findBreakerHold(port: string, { registry, portStates, nowMs }: HoldContext): Hold | undefined {
  const breaker = portStates?.get(port)?.breaker;
  if (breaker === undefined) return undefined;
  const policy = registry.ports.get(port)?.circuitBreaker;
  if (policy === undefined) return undefined;
  const phase = toBreakerPhase(breaker, policy, nowMs);
  if (phase === 'closed') return undefined;
  const reason = `The circuit breaker of ${port} is ${phase} after ${breaker.failuresInRow} quality failures in a row.`;
  return { code: 'circuit-breaker', reason, ...toOwner(port, registry) };
}

function findBreachHold({ outputPort, snapshot }: TriggerInput, registry: CompiledRegistry): Hold | undefined {
  const { version } = outputPort;
  const port = registry.ports.get(outputPort.key);
  const breach = findContractBreach({ version, schemaHash: snapshot.schemaHash }, port, registry);
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
  const product = registry.ports.get(port)?.owner ?? '';
  const owner = registry.products.get(product)?.owner;
  return owner === undefined ? {} : { owner };
}
