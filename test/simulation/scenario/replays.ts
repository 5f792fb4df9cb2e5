import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import type { ReplaySelection } from '../../../shared/contracts/replay-job.js';
import { Random } from '../model/random.js';
import type { PlannedEvent } from './events.js';
import { ports, stages } from './registry.js';

/** What an operator asks for, and whether they change their mind. */
export interface PlannedReplay {
  readonly name: string;
  readonly atMs: number;
  readonly selection: ReplaySelection;
  readonly force: boolean;
  readonly ratePerSecond: number;
  /** Operators who start it; all but one learn that it is there. */
  readonly starters: number;
  /** Undefined when nobody cancels it. */
  readonly cancel: CancelMoment | undefined;
  /** From the cancellation on; undefined when it stays cancelled. */
  readonly resumeAfterMs: number | undefined;
}

/** So long after the start, or as the runner reads its so-many-th slice. */
export type CancelMoment = { readonly afterMs: number } | { readonly atSlice: number };

interface Drawn {
  readonly seed: number;
  readonly chaosMs: number;
  readonly events: readonly PlannedEvent[];
}

/** Replays of a run, from a stream of their own. Most runs have none. */
export function drawReplays({ seed, chaosMs, events }: Drawn, documents: readonly RegistryDocument[]): PlannedReplay[] {
  const random = new Random(seed, 'replays');
  if (!random.chance(0.3)) return [];
  return Array.from({ length: random.int(1, 2) }, (_, number) => {
    const cancelled = random.chance(0.4);
    const afterMs = random.int(10, 40_000);
    const cancel = random.chance(0.3) ? { afterMs } : { atSlice: random.int(1, 3) };
    const resumed = random.chance(0.8);
    const plan = {
      name: `r${number}`,
      atMs: random.int(1_000, chaosMs),
      selection: drawSelection(random, events, documents),
      force: random.chance(0.4),
      ratePerSecond: random.pick([0.5, 1, 2, 5, 50]),
      starters: random.chance(0.15) ? 2 : 1,
      cancel: cancelled ? cancel : undefined,
      resumeAfterMs: resumed ? random.int(10, 60_000) : undefined,
    };
    return { ...plan, ...drawQuarantine(new Random(seed, `quarantine ${number}`), chaosMs) };
  });
}

const resubmitted = ['no-registry', 'producer-not-owner', 'trigger-refused', 'retries-exhausted'] as const;

/** Some of them send again what lies in quarantine instead; that is never forced. */
function drawQuarantine(random: Random, chaosMs: number): Partial<PlannedReplay> {
  if (!random.chance(0.3)) return {};
  const reason = random.chance(0.5) ? { reason: random.pick(resubmitted) } : {};
  const atMs = random.int(Math.floor(chaosMs / 4), Math.floor(chaosMs / 2));
  return { atMs, selection: { kind: 'quarantine', ...reason }, force: false };
}

/** A replay of all a port has, long after; it must change nothing but say so. */
export function drawLateReplay(seed: number): PlannedReplay | undefined {
  const random = new Random(seed, 'late replay');
  if (!random.chance(0.4)) return undefined;
  const selection = { kind: 'port', port: random.pick(ports), stage: random.chance(0.8) ? 'prod' : 'dev' } as const;
  const never = { starters: 1, cancel: undefined, resumeAfterMs: undefined };
  return { name: 'late', atMs: 1_000, selection, force: false, ratePerSecond: 5, ...never };
}

const marks = ['2025-12-01T00:00:00Z', '2026-03-10T20:00:00Z', '2026-03-11T00:00:00Z', '2026-03-11T02:00:00Z'];

function drawSelection(
  random: Random,
  events: readonly PlannedEvent[],
  documents: readonly RegistryDocument[],
): ReplaySelection {
  const range = {
    ...(random.chance(0.3) && { fromWatermark: random.pick(marks.slice(0, 2)) }),
    ...(random.chance(0.3) && { toWatermark: random.pick(marks.slice(2)) }),
  };
  const draw = random.next();
  const ids = events.flatMap((event) => (event.kind === 'fact' ? [event.fact.eventId] : []));
  if (draw < 0.25 && ids.length > 0) return { kind: 'signal', eventId: random.pick(ids) };
  const keys = documents.flatMap(({ subscriptions }) => subscriptions.map(({ key }) => key));
  if (draw < 0.6 && keys.length > 0) return { kind: 'subscription', subscription: random.pick(keys), ...range };
  const port = random.pick(ports);
  return { kind: 'port', port, stage: random.chance(0.8) ? 'prod' : random.pick(stages), ...range };
}
