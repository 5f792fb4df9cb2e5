import type { Publisher } from '../../shared/adapters/event-hubs/publisher.js';
import { findMismatches } from './compare.js';
import type { DayStep } from './day-file.js';
import { type EndState, type ObserveDeps, watchStep } from './observe.js';

/** One step as it went. */
export interface PlayedStep {
  readonly step: DayStep;
  /** Absent when the step had no end state in time. */
  readonly end?: EndState;
  readonly mismatches: readonly string[];
}

export interface PlayOptions {
  readonly publisher: Publisher;
  readonly observe: ObserveDeps;
  readonly onStep: (played: PlayedStep) => void;
  readonly signal: AbortSignal;
  /** Longest wait for one step's end state, in milliseconds. */
  readonly stepTimeoutMs: number;
}

/** Pause between two looks at the stores, in milliseconds. */
const lookPauseMs = 100;

/** Send a day step by step, each after the one before has its end state, so that the day always goes the same way. */
export async function playDay(steps: readonly DayStep[], options: PlayOptions): Promise<PlayedStep[]> {
  const played: PlayedStep[] = [];
  for (const step of steps) {
    if (options.signal.aborted) break;
    const result = await playStep(step, options);
    options.onStep(result);
    played.push(result);
  }
  return played;
}

async function playStep(
  step: DayStep,
  { publisher, observe, signal, stepTimeoutMs }: PlayOptions,
): Promise<PlayedStep> {
  const look = await watchStep(step, observe);
  await publisher.publish([step.outgoing]);
  const end = await waitFor(look, { timeoutMs: stepTimeoutMs, signal });
  if (end === undefined) return { step, mismatches: [`no end state within ${stepTimeoutMs / 1_000} seconds`] };
  return { step, end, mismatches: findMismatches(step.expect, end) };
}

/** Ask until there is an answer, the time is over or the signal ends it. */
export async function waitFor<T>(
  ask: () => Promise<T | undefined>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<T | undefined> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || signal.aborted || performance.now() > deadlineMs) return answer;
    await new Promise((resolve) => setTimeout(resolve, lookPauseMs));
  }
}
