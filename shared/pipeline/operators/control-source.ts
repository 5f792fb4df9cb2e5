import type { PauseOf } from '../../domain/holds.js';
import { pauseFor, toTargetText } from '../../domain/pause-for.js';
import type { Clock } from '../../ports/clock.js';
import type { ControlState, ControlStore } from '../../ports/control-store.js';
import type { PauseSource } from '../pause-source.js';

/** What is paused now, for the decision step. */
export interface ControlSource {
  /** The controls, at most the refresh interval old. @throws RetryableError */
  current(): Promise<ControlState>;
}

/** Hold the controls in memory and read them again every `refreshMs`: one point read per interval, shared by callers. */
export function createControlSource(store: Pick<ControlStore, 'read'>, clock: Clock, refreshMs: number): ControlSource {
  let held: ControlState = { pauses: [], etag: 'none' };
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const startedAtMs = clock.nowMs();
    held = await store.read();
    readAtMs = startedAtMs;
  }

  return {
    async current() {
      const ageMs = clock.nowMs() - readAtMs;
      // A negative age: the clock was set back, and the age says nothing.
      if (ageMs >= refreshMs || ageMs < 0) {
        reading ??= read().finally(() => (reading = undefined));
        await reading;
      }
      return held;
    },
  };
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
