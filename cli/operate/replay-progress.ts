import type { ReplayJob } from '../../shared/contracts/replay-job.js';
import { note, paint } from '../output.js';

/** Least time between two lines of progress, in milliseconds. */
const pauseMs = 1_000;

/** A replay's state and counts on one line. */
export function toReplayLine({ name, state, counts, total }: ReplayJob): string {
  const { done, fired, firedBefore, notMatched, resubmitted, retracted, revoked } = counts;
  const mark = state === 'done' ? paint.green(state) : paint.yellow(state);
  const again = resubmitted > 0 ? `, ${resubmitted} published again` : '';
  const back = retracted > 0 ? `, retractions applied: ${retracted} (${revoked} took something back)` : '';
  return `${mark}  ${name}  ${done} of ${total}: ${fired} fired, ${firedBefore} fired before, ${notMatched} did not match${again}${back}`;
}

/** Tells now and then how far a replay is, how fast, and how long it will take. */
export function createProgress(nowMs: () => number): (job: ReplayJob) => void {
  const startedMs = nowMs();
  let first: number | undefined;
  let toldMs = startedMs;
  return ({ counts, total, state }) => {
    first ??= counts.done;
    const now = nowMs();
    if (now - toldMs < pauseMs || state !== 'running') return;
    toldMs = now;
    const perSecond = ((counts.done - first) / (now - startedMs)) * 1_000;
    const left = perSecond > 0 ? `, ${Math.ceil((total - counts.done) / perSecond)} seconds left` : '';
    note(paint.dim(`${counts.done} of ${total}, ${perSecond.toFixed(1)} a second${left}`));
  };
}
