import type { InvocationContext } from '@azure/functions';
import type { StageReport } from '../shared/pipeline/stage-report.js';
import { addUp, toLogLine } from './log-line.js';

/** Tells in the log of an invocation what its stages did; a stage that another handed on to directly has its own line. */
export function toStageReport(context: Pick<InvocationContext, 'info' | 'warn'>): StageReport {
  return {
    handled: (stage, counts, results) => context.info(toLogLine({ event: stage, ...counts, ...addUp(results) })),
    fault: (stage, error) => context.warn(toLogLine({ event: 'fault', stage, fault: String(error) })),
  };
}
