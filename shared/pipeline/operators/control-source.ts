import type { PauseOf } from '../../domain/holds.js';
import { pauseFor, toTargetText } from '../../domain/pause-for.js';
import type { Clock } from '../../ports/clock.js';
import type { ControlState, ControlStore } from '../../ports/control-store.js';
import type { PauseSource } from '../pause-source.js';
import { createRefreshedReading } from '../refreshed-reading.js';

/** What is paused now, for the decision step. */
export interface ControlSource {
  /** The controls, at most the refresh interval old. @throws RetryableError */
  current(): Promise<ControlState>;
}

/** Hold the controls in memory and read them again every `refreshMs`: one point read per interval. */
export function createControlSource(store: Pick<ControlStore, 'read'>, clock: Clock, refreshMs: number): ControlSource {
  return { current: createRefreshedReading(() => store.read(), clock, refreshMs) };
}

/** The question whether something is paused, as decisions ask it. */
export function toPauseOf(controls: Pick<ControlState, 'pauses'>): PauseOf {
  return ({ stage, ports, subscription }) => {
    const pause = ports.map((port) => pauseFor(controls, { stage, port, subscription })).find((found) => found);
    if (pause === undefined) return undefined;
    return { code: 'paused', reason: `${toTargetText(pause.target)} is paused: ${pause.reason}`, owner: pause.actor };
  };
}

/** What operators paused, for the functions that decide, release and send. */
export function toPauseSource(controls: ControlSource): PauseSource {
  return { current: async () => toPauseOf(await controls.current()) };
}
