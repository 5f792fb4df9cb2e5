import type { InvocationContext, TimerFunctionOptions } from '@azure/functions';
import { advanceAll } from '../shared/pipeline/operators/advance-all.js';
import type { ComposeOperators } from './compose.js';
import { toLogLine } from './log-line.js';

interface TimerApp {
  timer(name: string, options: TimerFunctionOptions): void;
}

/** Time one run works on replays, in milliseconds; well below the timer's interval and the function's time limit. */
const runMs = 20_000;

/** `replay`: timer that goes on with replays that nobody drives by hand. */
export function registerReplay(app: TimerApp, compose: ComposeOperators): void {
  app.timer('replay', {
    schedule: '%OUTPORT_SWEEP_SCHEDULE%',
    handler: async (_timer: unknown, context: InvocationContext) => {
      const { replayDeps } = await compose();
      const endMs = replayDeps.clock.nowMs() + runMs;
      const counts = await advanceAll(() => replayDeps.clock.nowMs() >= endMs, replayDeps);
      if (counts.advanced > 0) context.info(toLogLine({ event: 'replayed', ...counts }));
    },
  });
}
