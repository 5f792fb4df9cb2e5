import type { ReplayJob } from '../../contracts/replay-job.js';
import type { StoredReplay } from '../../ports/replay-store.js';
import { type ReadAhead, runSlice, type SliceDeps } from './replay-slice.js';

export interface AdvanceDeps extends SliceDeps {
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
  let ahead: ReadAhead | undefined;
  while (held.kind === 'ours') {
    const { job } = held.replay;
    options.onProgress?.(job);
    if (options.isOver()) return release(held.replay, deps);
    const startedMs = deps.clock.nowMs();
    const moved = await runSlice(job, deps, ahead);
    ({ ahead } = moved);
    held = await save(held.replay, moved.job, deps);
    const tookMs = deps.clock.nowMs() - startedMs;
    const dueMs = ((moved.job.counts.done - job.counts.done) / job.ratePerSecond) * 1_000;
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
