import type { InvocationContext, TimerFunctionOptions } from '@azure/functions';
import { sweep } from '../shared/pipeline/sweep.js';
import type { Compose } from './compose.js';
import { toLogLine } from './log-line.js';

interface TimerApp {
  timer(name: string, options: TimerFunctionOptions): void;
}

/** `sweep`: timer that hands on again what stayed pending. */
export function registerSweep(app: TimerApp, compose: Compose): void {
  app.timer('sweep', {
    schedule: '%OUTPORT_SWEEP_SCHEDULE%',
    handler: async (_timer: unknown, context: InvocationContext) => {
      const counts = await sweep((await compose()).sweepDeps);
      context.info(toLogLine({ event: 'swept', ...counts }));
    },
  });
}
