import type { PlayedStep } from './play-day.js';
import { toMessagesMade, type TriggerReceipts } from './receipts.js';

/** The outcome of a played day, for machines. */
export interface DaySummary {
  readonly ok: boolean;
  readonly events: number;
  readonly signals: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Triggers that stand for the day's signals, and how many of them reached a consumer in this run. */
  readonly triggers: number;
  readonly received: number;
  /** Messages that take triggers back, among those that stand for the day's signals; they are received too. */
  readonly revocations: number;
  readonly verdicts: number;
  readonly receipts: number;
  readonly mismatches: readonly string[];
}

/** Add up a day; `received` are the trigger ids that consumers were handed, each as often as it was. */
export function toSummary(
  steps: number,
  played: readonly PlayedStep[],
  receipts: readonly TriggerReceipts[],
  received: readonly string[],
): DaySummary {
  const count = (outcome: string): number => played.filter(({ end }) => end?.outcome === outcome).length;
  const ends = played.flatMap(({ end }) => (end === undefined ? [] : [end]));
  const verdicts = ends.flatMap((end) => (end.outcome === 'signal' ? end.verdicts : []));
  const made = toMessagesMade(played);
  const mismatches = [
    ...played.flatMap(({ step, mismatches }) => mismatches.map((text) => `${step.at} ${step.note}: ${text}`)),
    ...(played.length < steps ? [`${steps - played.length} steps were not played`] : []),
    ...receipts.flatMap(toMissingReceipts),
    ...findRepeats(received),
    ...findUndelivered(played, received),
  ];
  return {
    ok: mismatches.length === 0,
    events: played.length,
    signals: count('signal'),
    duplicates: count('duplicate'),
    quarantined: count('quarantined'),
    triggers: made.filter(({ kind }) => kind === 'trigger').length,
    received: new Set(received).size,
    revocations: made.filter(({ kind }) => kind === 'revocation').length,
    verdicts: verdicts.length,
    receipts: receipts.reduce((sum, { statuses }) => sum + statuses.length, 0),
    mismatches,
  };
}

function toMissingReceipts({ kind, triggerId, consumer, statuses }: TriggerReceipts): string[] {
  if (statuses.includes(kind === 'trigger' ? 'succeeded' : 'accepted')) return [];
  return [`${consumer} did not report on trigger ${triggerId}`];
}

function findRepeats(received: readonly string[]): string[] {
  const repeated = received.filter((triggerId, index) => received.indexOf(triggerId) !== index);
  return [...new Set(repeated)].map((triggerId) => `trigger ${triggerId} reached its consumer more than once`);
}

/** Only triggers of signals that are new in this run; those of an earlier play were delivered then. */
function findUndelivered(played: readonly PlayedStep[], received: readonly string[]): string[] {
  const fresh = toMessagesMade(played.filter(({ end }) => end?.outcome === 'signal'));
  return fresh
    .filter(({ triggerId }) => !received.includes(triggerId))
    .map(({ triggerId, consumer }) => `trigger ${triggerId} did not reach ${consumer}`);
}
