import type { StageMessage } from '../contracts/stage-messages.js';
import type { Clock } from '../ports/clock.js';
import type { Detours } from './detours.js';
import type { StageReport } from './stage-report.js';

/** What takes messages of one stage on: its queue, or what stands in front of it. */
export type HandOn<M extends StageMessage> = (messages: readonly M[]) => Promise<void>;

export interface HandOnDeps {
  readonly detours: Detours;
  readonly report: StageReport;
  readonly clock: Clock;
}

/** What a stage does at once, well within a minute. */
const mostAtOnce = 1_000;

/** Whether a stage may handle so many at once (H3, H4). */
export function isShortWayOpen(stage: StageMessage['kind'], count: number, detours: Detours): boolean {
  return count <= mostAtOnce && !detours.isOpen(stage);
}

/**
 * The short way past a stage's queue: the stage handles messages at once, in the same invocation, and its queue gets what
 * could not be.
 *
 * H1 A resolved promise means what it means for the queue: the stage has handled every message, or its queue has it.
 *    Who hands on need not know which (P1).
 * H2 A fault of a stage is not its caller's. The queue gets the messages, and its driver tries them again, one by one if
 *    need be, so that one which always fails holds up neither its neighbours nor the hub (P6).
 * H3 While the stage has a detour its messages take the queue.
 * H4 So do very many at once: one invocation would take too long, and from the queue all instances take their share.
 */
export function toDirectHandOn<M extends StageMessage>(
  stage: M['kind'],
  [handle, toQueue]: readonly [(messages: readonly M[]) => Promise<object>, HandOn<M>],
  deps: HandOnDeps,
): HandOn<M> {
  return async (messages) => {
    const isOpen = isShortWayOpen(stage, messages.length, deps.detours);
    const done = isOpen && (await tryStage(stage, messages, handle, deps));
    if (!done) await toQueue(messages);
  };
}

/** Have a stage work at once, and tell of it. `false` when it failed; what it was slow or failed at opens a detour. */
export async function tryStage<T>(
  stage: StageMessage['kind'],
  work: readonly T[],
  handle: (work: readonly T[]) => Promise<object>,
  { detours, report, clock }: HandOnDeps,
): Promise<boolean> {
  const startedMs = clock.nowMs();
  try {
    const counts = await handle(work);
    report.handled(stage, { handled: work.length, putBack: 0, parked: 0 }, [counts]);
    detours.openWhereSlow(stage, startedMs);
    return true;
  } catch (error) {
    report.fault(stage, error);
    detours.open(stage);
    return false;
  }
}
