import type { Trigger } from '../contracts/trigger.js';
import type { GateAnswer, Verdict } from '../contracts/verdict.js';

/** A verdict with the trigger it asks for, to be stored together. */
export interface Decision {
  readonly verdict: Verdict;
  readonly trigger?: Trigger;
  /** `held`: the trigger waits for its release; `pending`: it goes out at once. Present with a trigger. */
  readonly initial?: 'pending' | 'held';
  /** Until when a trigger that begins as pending is its recorder's to send, as if it had been claimed. */
  readonly leaseUntil?: string;
}

/** The verdict for a vector that fired before, for another event. */
export function toSameVector(verdict: Verdict, firstEventId: string): Verdict {
  return { ...verdict, outcome: 'same-vector', firstEventId };
}

/** The verdict for a snapshot that was retracted before this seal of it was decided. */
export function toRetractedBefore(verdict: Verdict): Verdict {
  const { triggerId: _never, ...rest } = verdict;
  const answer: GateAnswer = {
    gate: 'retraction',
    answer: 'fail',
    code: 'snapshot-retracted',
    reason: 'This snapshot was retracted; seal it again with a higher revision.',
    facts: {},
  };
  return { ...rest, outcome: 'not-matched', gates: [...verdict.gates, answer] };
}
