import type { PortState } from '../../contracts/port-state.js';
import { freshPortState } from '../../domain/circuit-breaker.js';
import type { PortStateKey, PortStates } from '../../ports/port-states.js';

/** Port states in memory, equal to those on Table Storage by contract suite. */
export function createMemoryPortStates(): PortStates {
  const states = new Map<string, PortState>();
  const nameOf = ({ stage, port }: PortStateKey): string => JSON.stringify([stage, port]);
  return {
    load: (keys) => Promise.resolve(keys.map((key) => states.get(nameOf(key)) ?? freshPortState)),
    advance(key, step) {
      const after = step(states.get(nameOf(key)) ?? freshPortState);
      states.set(nameOf(key), after);
      return Promise.resolve(after);
    },
  };
}
