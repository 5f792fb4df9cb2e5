import type { PortState } from '../contracts/port-state.js';
import type { Signal } from '../contracts/signal.js';
import { advancePort } from '../domain/circuit-breaker.js';
import type { CompiledRegistry } from '../domain/compiled-registry.js';
import { toRememberedPorts } from '../domain/decide.js';
import type { PortStates } from '../ports/port-states.js';

/** Port states by stage, then by port. */
export type RememberedPorts = ReadonlyMap<string, ReadonlyMap<string, PortState>>;

/**
 * Let the signals leave their mark on their ports' states, in order, then load the states the decisions depend on.
 * Only ports with a circuit breaker, announced versions and versions outside a range cost anything.
 * Safe to repeat: a signal is counted once. @throws RetryableError
 */
export async function rememberPorts(
  signals: readonly Signal[],
  registry: CompiledRegistry,
  portStates: PortStates,
): Promise<RememberedPorts> {
  const remembered = new Map<string, Map<string, PortState>>();
  const put = (stage: string, port: string, state: PortState): void => {
    const ports = remembered.get(stage) ?? new Map<string, PortState>();
    remembered.set(stage, ports.set(port, state));
  };
  for (const ofPort of groupByPort(signals.filter((signal) => leavesMark(signal, registry)))) {
    const [{ stage, outputPortKey: port }] = ofPort;
    const policy = registry.ports.get(port)?.entry.circuitBreaker;
    const step = (state: PortState): PortState =>
      ofPort.reduce((now, signal) => advancePort(now, signal, policy), state);
    put(stage, port, await portStates.advance({ stage, port }, step));
  }
  const asked = signals.flatMap((signal) =>
    toRememberedPorts(signal, registry).map((port) => ({ stage: signal.stage, port })),
  );
  const missing = asked.filter(({ stage, port }) => !remembered.get(stage)?.has(port));
  const keys = [...new Map(missing.map((key) => [JSON.stringify([key.stage, key.port]), key])).values()];
  const states = keys.length > 0 ? await portStates.load(keys) : [];
  keys.forEach(({ stage, port }, index) => states[index] && put(stage, port, states[index]));
  return remembered;
}

function leavesMark(signal: Signal, registry: CompiledRegistry): boolean {
  if (signal.eventType === 'OutputPortContractBreaking') return true;
  return registry.ports.get(signal.outputPortKey)?.entry.circuitBreaker !== undefined;
}

function groupByPort(signals: readonly Signal[]): [Signal, ...Signal[]][] {
  const groups = new Map<string, [Signal, ...Signal[]]>();
  for (const signal of signals) {
    const key = JSON.stringify([signal.stage, signal.outputPortKey]);
    const group = groups.get(key);
    if (group) group.push(signal);
    else groups.set(key, [signal]);
  }
  return [...groups.values()];
}
