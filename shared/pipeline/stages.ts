import type { DispatchMessage, EvaluateMessage, NormalizeMessage } from '../contracts/stage-messages.js';
import type { Clock } from '../ports/clock.js';
import type { StageQueues } from '../ports/stage-queues.js';
import { Detours, type DetourTimes, shippedDetourTimes } from './detours.js';
import { type HandOnDeps, isShortWayOpen, toDirectHandOn, tryStage } from './direct-hand-on.js';
import { dispatch, type DispatchCounts, type DispatchDeps, dispatchLeased } from './dispatch.js';
import { type DirectDispatch, evaluate, type EvaluateCounts, type EvaluateDeps } from './evaluate.js';
import type { HubEvent } from './hub-event.js';
import { HubProgress } from './hub-progress.js';
import { ingest, type IngestCounts, type IngestDeps } from './ingest.js';
import { normalize, type NormalizeCounts, type NormalizeDeps } from './normalize.js';
import type { StageReport } from './stage-report.js';

export type StageDeps = IngestDeps & NormalizeDeps & EvaluateDeps & DispatchDeps & { readonly queues: StageQueues };

/** What a process remembers to hand on directly. */
export interface DirectMemory {
  readonly detours: Detours;
  readonly progress: HubProgress;
}

/** The memory of a process that begins. */
export function createDirectMemory(clock: Clock, times: DetourTimes = shippedDetourTimes): DirectMemory {
  return { detours: new Detours(clock, times), progress: new HubProgress() };
}

/** The four stages; each can be asked again with the same messages. */
export interface Stages {
  readonly ingest: (events: readonly HubEvent[]) => Promise<IngestCounts>;
  readonly normalize: (messages: readonly NormalizeMessage[]) => Promise<NormalizeCounts>;
  readonly evaluate: (messages: readonly EvaluateMessage[]) => Promise<EvaluateCounts>;
  readonly dispatch: (messages: readonly DispatchMessage[]) => Promise<DispatchCounts>;
}

/** The stages, each handing on to the next by its queue. */
export function toQueuedStages(deps: StageDeps): Stages {
  return {
    ingest: (events) => ingest(events, deps),
    normalize: (messages) => normalize(messages, deps),
    evaluate: (messages) => evaluate(messages, deps),
    dispatch: (messages) => dispatch(messages, deps),
  };
}

/**
 * The stages for one invocation, each handing on to the next directly (`direct-hand-on.ts`). A batch of the hub that does
 * not follow one this process finished takes the queue: should it end the process again, the queue counts its deliveries
 * and parks it at last, and the hub goes on (P6).
 */
export function toDirectStages(deps: StageDeps, { detours, progress }: DirectMemory, report: StageReport): Stages {
  const { queues, clock } = deps;
  const how = { detours, report, clock };
  const stages: Stages = {
    ingest: async (events) => {
      const counts = await ingest(events, { ...deps, queues: progress.follows(events) ? onward : queues });
      progress.finished(events);
      return counts;
    },
    normalize: (messages) => normalize(messages, { ...deps, queues: onward }),
    evaluate: (messages) => evaluate(messages, { ...deps, queues: onward, directDispatch }),
    dispatch: (messages) => dispatch(messages, deps),
  };
  const directDispatch = toDirectDispatch(deps, how);
  const onward: Omit<StageQueues, 'again'> = {
    toNormalize: toDirectHandOn('normalize', [stages.normalize, (messages) => queues.toNormalize(messages)], how),
    toEvaluate: toDirectHandOn('evaluate', [stages.evaluate, (messages) => queues.toEvaluate(messages)], how),
    toDispatch: toDirectHandOn('dispatch', [stages.dispatch, (messages) => queues.toDispatch(messages)], how),
  };
  return stages;
}

function toDirectDispatch(deps: DispatchDeps, how: HandOnDeps): DirectDispatch {
  const { clock, leaseMs } = deps;
  return {
    leaseUntil: (count) => {
      if (!isShortWayOpen('dispatch', count, how.detours)) return undefined;
      return new Date(clock.nowMs() + leaseMs).toISOString();
    },
    send: async (triggers, leaseUntil) => {
      await tryStage('dispatch', triggers, () => dispatchLeased(triggers, leaseUntil, deps), how);
    },
  };
}
