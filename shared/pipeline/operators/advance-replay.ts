import type { ReplayCounts, ReplayJob } from '../../contracts/replay-job.js';
import { decideAgain } from '../../domain/decide-again.js';
import type { Decided } from '../../domain/decide.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { Decision } from '../../domain/decision.js';
import type { SetArrival } from '../../domain/input-set/arrival.js';
import { TerminalError } from '../../ports/errors.js';
import type { Ledger, RecordOutcome } from '../../ports/ledger.js';
import type { StageQueues } from '../../ports/stage-queues.js';
import type { StoredReplay } from '../../ports/replay-store.js';
import { retractFrom } from '../retract.js';
import { readContext } from './foresee.js';
import { foreseeReplay, toMark } from './plan-replay.js';
import { readRetractions, toReplayedWishes } from './replay-retractions.js';
import { readSlice, type Slice } from './replay-selection.js';
import type { ReplayDeps } from './replays.js';
import { resubmitQuarantined, type SettleDeps } from './settle-quarantine.js';

export interface AdvanceDeps extends Omit<ReplayDeps, 'quarantineDesk' | 'ledger'>, SettleDeps {
  readonly ledger: Pick<Ledger, 'get' | 'record' | 'join' | 'retract' | 'listVerdicts' | 'reopen'>;
  readonly queues: Pick<StageQueues, 'toNormalize' | 'toEvaluate' | 'toDispatch'>;
  /** Wait; ends early when the caller is to stop. */
  readonly wait: (ms: number) => Promise<void>;
}

/** How long to go on, and who to tell. */
export interface AdvanceOptions {
  /** True when the caller must stop; the replay stays where it is. */
  readonly isOver: () => boolean;
  readonly onProgress?: (job: ReplayJob) => void;
}

/** A replay belongs to one runner at a time; a dead one's lease runs out. */
const leaseMs = 60_000;
const maxSlice = 100;
/** Signals whose verdicts are read at a time. */
const readAtOnce = 10;

/**
 * Go on with a replay from where it stands, slice by slice, no faster than its rate. Each slice is decided, recorded,
 * handed on, and then counted: a death in between repeats the slice, and the ledger knows its verdicts.
 * @throws RetryableError; the replay can be advanced again
 */
export async function advanceReplay(
  name: string,
  options: AdvanceOptions,
  deps: AdvanceDeps,
): Promise<ReplayJob | undefined> {
  let held = await takeLease(name, deps);
  while (held.kind === 'ours') {
    const { job } = held.replay;
    options.onProgress?.(job);
    if (options.isOver()) return release(held.replay, deps);
    const startedMs = deps.clock.nowMs();
    const moved = await runSlice(job, deps);
    held = await save(held.replay, moved, deps);
    const tookMs = deps.clock.nowMs() - startedMs;
    const dueMs = ((moved.counts.done - job.counts.done) / job.ratePerSecond) * 1_000;
    if (held.kind === 'ours' && dueMs > tookMs) await deps.wait(dueMs - tookMs);
  }
  if (held.job) options.onProgress?.(held.job);
  return held.job;
}

type Held =
  | { readonly kind: 'ours'; readonly replay: StoredReplay; readonly job?: never }
  /** Done, cancelled, failed, or somebody else's. */
  | { readonly kind: 'over'; readonly job: ReplayJob | undefined };

async function takeLease(name: string, deps: AdvanceDeps): Promise<Held> {
  const found = await deps.replayStore.get(name);
  const nowMs = deps.clock.nowMs();
  const taken = found?.job.leaseUntil !== undefined && Date.parse(found.job.leaseUntil) > nowMs;
  if (found === undefined || found.job.state !== 'running' || taken) return { kind: 'over', job: found?.job };
  const replay = await deps.replayStore.update(withLease(found.job, nowMs), found.etag);
  return replay ? { kind: 'ours', replay } : { kind: 'over', job: found.job };
}

function withLease(job: ReplayJob, nowMs: number): ReplayJob {
  return { ...job, leaseUntil: new Date(nowMs + leaseMs).toISOString(), updatedAt: new Date(nowMs).toISOString() };
}

/**
 * Write how far it got. Somebody may have cancelled meanwhile: then what was done counts, and the replay stays cancelled,
 * or is done when nothing was left.
 */
async function save(before: StoredReplay, moved: ReplayJob, deps: AdvanceDeps): Promise<Held> {
  const nowMs = deps.clock.nowMs();
  const ours = moved.state === 'running' ? withLease(moved, nowMs) : withoutLease(moved, nowMs);
  const written = await deps.replayStore.update(ours, before.etag);
  if (written)
    return written.job.state === 'running' ? { kind: 'ours', replay: written } : { kind: 'over', job: written.job };
  const fresh = await deps.replayStore.get(before.job.name);
  if (fresh === undefined || fresh.job.state !== 'cancelled') return { kind: 'over', job: fresh?.job };
  const { position: _old, ...rest } = fresh.job;
  const state = moved.state === 'done' ? moved.state : rest.state;
  const kept = {
    ...rest,
    state,
    counts: moved.counts,
    ...(moved.position !== undefined && { position: moved.position }),
  };
  const merged = await deps.replayStore.update(withoutLease(kept, nowMs), fresh.etag);
  return { kind: 'over', job: merged?.job ?? fresh.job };
}

function withoutLease(job: ReplayJob, nowMs: number): ReplayJob {
  const { leaseUntil: _over, ...rest } = job;
  return { ...rest, updatedAt: new Date(nowMs).toISOString() };
}

async function release({ job, etag }: StoredReplay, deps: AdvanceDeps): Promise<ReplayJob> {
  const written = await deps.replayStore.update(withoutLease(job, deps.clock.nowMs()), etag);
  return written?.job ?? job;
}

async function runSlice(job: ReplayJob, deps: AdvanceDeps): Promise<ReplayJob> {
  try {
    const registry = await requireRegistry(deps);
    const limit = Math.max(1, Math.min(maxSlice, Math.ceil(job.ratePerSecond)));
    const page = { limit, ...(job.position !== undefined && { after: job.position }) };
    const slice = await readSlice(job.selection, page, { registry, deps });
    const counts = await runAll(slice, job, deps);
    const { position: _old, ...rest } = job;
    if (slice.after === undefined) return { ...rest, counts, state: 'done' };
    return { ...rest, counts, position: slice.after };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return { ...job, state: 'failed', failure: error.message.slice(0, 1_000) };
  }
}

async function runAll(slice: Slice, job: ReplayJob, deps: AdvanceDeps): Promise<ReplayCounts> {
  const retractions = await retractAgain(slice, job, deps);
  const outcomes = await recordAgain(slice, job, deps);
  const pending = [...retractions, ...outcomes].flatMap((outcome) => {
    if (outcome.kind === 'same-vector' || outcome.entry?.state !== 'pending') return [];
    return [{ kind: 'dispatch' as const, trigger: outcome.entry.trigger, etag: outcome.entry.etag }];
  });
  if (pending.length > 0) await deps.queues.toDispatch(pending);
  const resubmitted = await resubmitAll(slice.quarantineIds, job, deps);
  return addCounts(job.counts, outcomes, {
    done: slice.signals.length + slice.quarantineIds.length,
    resubmitted,
    retractions,
  });
}

/**
 * Apply stored retractions again, first. A subscription that knows them finds its verdict and its revocation standing; for
 * one that is newer they are marked now. @throws RetryableError
 */
async function retractAgain(slice: Slice, job: ReplayJob, deps: AdvanceDeps): Promise<RecordOutcome[]> {
  const registry = await requireRegistry(deps);
  const outcomes: RecordOutcome[] = [];
  for (const signal of await readRetractions(slice, job.selection, deps)) {
    outcomes.push(...(await retractFrom(toReplayedWishes(signal, registry, job), signal, { registry, deps })));
  }
  return outcomes;
}

async function requireRegistry({ registry }: Pick<AdvanceDeps, 'registry'>): Promise<CompiledRegistry> {
  const current = await registry.current();
  if (current === undefined) throw new TerminalError('no registry is in force');
  return current;
}

/** Store the replay's own verdicts, with the triggers that are new. @throws RetryableError */
async function recordAgain({ signals }: Slice, job: ReplayJob, deps: AdvanceDeps): Promise<RecordOutcome[]> {
  const registry = await requireRegistry(deps);
  const mark = toMark(job);
  const decisions: Decision[] = [];
  const arrivals: SetArrival[] = [];
  for (let from = 0; from < signals.length; from += readAtOnce) {
    const decided = await Promise.all(
      signals.slice(from, from + readAtOnce).map(async (signal): Promise<Decided[]> => {
        if (!job.force) return decideAgain(signal, await readContext(signal, registry, deps), mark);
        const decisions = await foreseeReplay(signal, job, { registry, deps });
        return decisions.map((decision) => ({ kind: 'alone', decision }));
      }),
    );
    for (const one of decided.flat()) {
      if (one.kind === 'alone') decisions.push(one.decision);
      else arrivals.push(one.arrival);
    }
  }
  const recorded = decisions.length > 0 ? await deps.ledger.record(decisions) : [];
  return arrivals.length > 0 ? [...recorded, ...(await deps.ledger.join(arrivals))] : recorded;
}

/** What would be quarantined again stays where it is. */
async function resubmitAll(
  ids: readonly string[],
  { name, actor, reason }: ReplayJob,
  deps: AdvanceDeps,
): Promise<number> {
  let resubmitted = 0;
  for (const id of ids) {
    const settled = await resubmitQuarantined(id, { actor, reason: `replay ${name}: ${reason}` }, deps);
    if (settled.ok) resubmitted += 1;
  }
  return resubmitted;
}

function isNewRevocation(outcome: RecordOutcome): boolean {
  return outcome.kind === 'recorded' && outcome.entry?.trigger.kind === 'revocation';
}

function addCounts(
  before: ReplayCounts,
  outcomes: readonly RecordOutcome[],
  slice: { done: number; resubmitted: number; retractions: readonly RecordOutcome[] },
): ReplayCounts {
  const count = (...names: readonly string[]): number =>
    outcomes.filter(({ verdict }) => names.includes(verdict.outcome)).length;
  return {
    done: before.done + slice.done,
    fired: before.fired + count('matched', 'held'),
    firedBefore: before.firedBefore + count('same-vector', 'absorbed'),
    notMatched: before.notMatched + count('not-matched', 'waiting', 'shadow', 'error'),
    resubmitted: before.resubmitted + slice.resubmitted,
    retracted: before.retracted + slice.retractions.length,
    revoked: before.revoked + slice.retractions.filter(isNewRevocation).length,
  };
}
