import type { ReplayCounts, ReplayJob } from '../../contracts/replay-job.js';
import type { Signal } from '../../contracts/signal.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { Decided } from '../../domain/decide.js';
import { decideAgain } from '../../domain/decide-again.js';
import type { SetArrival } from '../../domain/input-set/arrival.js';
import { RetryableError, TerminalError } from '../../ports/errors.js';
import type { Ledger, RecordOutcome } from '../../ports/ledger.js';
import type { PageRequest } from '../../ports/page.js';
import type { StageQueues } from '../../ports/stage-queues.js';
import { retractFrom } from '../retract.js';
import { toDispatchMessage } from '../to-dispatch-message.js';
import { readContext } from './foresee.js';
import { foreseeReplay, toMark } from './plan-replay.js';
import { readRetractions, toReplayedWishes } from './replay-retractions.js';
import { readSlice, type Slice } from './replay-selection.js';
import type { ReplayDeps } from './replays.js';
import { resubmitQuarantined, type SettleDeps } from './settle-quarantine.js';

export interface SliceDeps extends Omit<ReplayDeps, 'quarantineDesk' | 'ledger'>, SettleDeps {
  readonly ledger: Pick<Ledger, 'get' | 'record' | 'join' | 'retract' | 'listVerdicts' | 'reopen'>;
  readonly queues: Pick<StageQueues, 'toNormalize' | 'toEvaluate' | 'toDispatch'>;
}

/** Signals of one part at most; a faster replay has larger parts, up to this. */
const maxSlice = 1_000;
/** Signals whose verdicts are read at a time. */
const readAtOnce = 10;

/** Signals that are recorded while the next are decided. */
const recordedAtOnce = 250;

/** A replay after one of its parts, and what was read of the next meanwhile. */
export interface Advanced {
  readonly job: ReplayJob;
  readonly ahead?: ReadAhead | undefined;
}

/** A part that was read while the one before it was worked on, for a replay that goes on there under that registry. */
export interface ReadAhead {
  readonly position: string;
  readonly registryVersion: string;
  readonly slice: Slice;
}

/**
 * Decide, record and hand on the next part of a replay; the answer is the replay after it, done when that was the last
 * part and failed when it can never succeed as it stands. @throws RetryableError; the part can be run again
 */
export async function runSlice(job: ReplayJob, deps: SliceDeps, ahead?: ReadAhead): Promise<Advanced> {
  const registry = await requireRegistry(deps);
  const context = { registry, deps };
  try {
    const slice = isFor(ahead, job, registry) ? ahead.slice : await readSlice(job.selection, toPage(job), context);
    const [counts, next] = await Promise.all([runAll(slice, job, context), readAhead(slice, job, context)]);
    const { position: _old, ...rest } = job;
    if (slice.after === undefined) return { job: { ...rest, counts, state: 'done' } };
    return { job: { ...rest, counts, position: slice.after }, ahead: next };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return { job: { ...job, state: 'failed', failure: error.message.slice(0, 1_000) } };
  }
}

function toPage({ ratePerSecond, position }: ReplayJob): PageRequest {
  const limit = Math.max(1, Math.min(maxSlice, Math.ceil(ratePerSecond)));
  return { limit, ...(position !== undefined && { after: position }) };
}

function isFor(ahead: ReadAhead | undefined, job: ReplayJob, registry: CompiledRegistry): ahead is ReadAhead {
  return ahead?.position === job.position && ahead?.registryVersion === registry.version;
}

/**
 * The part behind this one: reading waits for the store and recording for the ledger. Not of records in quarantine, which
 * are open until they are sent again. One that cannot be read now is read when it is its turn.
 */
async function readAhead({ after }: Slice, job: ReplayJob, context: SliceContext): Promise<ReadAhead | undefined> {
  if (after === undefined || job.selection.kind === 'quarantine') return undefined;
  try {
    const slice = await readSlice(job.selection, toPage({ ...job, position: after }), context);
    return { position: after, registryVersion: context.registry.version, slice };
  } catch {
    return undefined;
  }
}

/** What a part is decided with. */
interface SliceContext {
  readonly registry: CompiledRegistry;
  readonly deps: SliceDeps;
}

async function runAll(slice: Slice, job: ReplayJob, context: SliceContext): Promise<ReplayCounts> {
  const { deps } = context;
  const retractions = await retractAgain(slice, job, context);
  const outcomes = await recordAgain(slice, job, context);
  const pending = [...retractions, ...outcomes].flatMap((outcome) => {
    if (outcome.kind === 'same-vector' || outcome.entry?.state !== 'pending') return [];
    return [toDispatchMessage(outcome.entry)];
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
async function retractAgain(slice: Slice, job: ReplayJob, { registry, deps }: SliceContext): Promise<RecordOutcome[]> {
  const outcomes: RecordOutcome[] = [];
  for (const signal of await readRetractions(slice, job.selection, deps)) {
    outcomes.push(...(await retractFrom(toReplayedWishes(signal, registry, job), signal, { registry, deps })));
  }
  return outcomes;
}

/** A replay starts under a registry, so one is in force: an instance that knows of none has looked too early. */
async function requireRegistry({ registry }: Pick<SliceDeps, 'registry'>): Promise<CompiledRegistry> {
  const current = await registry.current();
  if (current === undefined) throw new RetryableError('this instance knows of no registry in force yet');
  return current;
}

/**
 * Store the replay's own verdicts, with the triggers that are new. Deciding takes the processor and recording waits for the
 * store, so some signals are recorded while the next are decided; sets are joined last and in order. @throws RetryableError
 */
async function recordAgain({ signals }: Slice, job: ReplayJob, context: SliceContext): Promise<RecordOutcome[]> {
  const { ledger } = context.deps;
  const recording: Promise<PromiseSettledResult<RecordOutcome[]>[]>[] = [];
  const arrivals: SetArrival[] = [];
  for (let from = 0; from < signals.length; from += recordedAtOnce) {
    const decided = await decideAll(signals.slice(from, from + recordedAtOnce), job, context);
    const decisions = decided.flatMap((one) => (one.kind === 'alone' ? [one.decision] : []));
    arrivals.push(...decided.flatMap((one) => (one.kind === 'joins' ? [one.arrival] : [])));
    await recording.at(-2);
    // Settled, so that a failure ends the part only when nothing of it is being written any more.
    if (decisions.length > 0) recording.push(Promise.allSettled([ledger.record(decisions)]));
  }
  const recorded = (await Promise.all(recording)).flat().flatMap(toRecorded);
  return arrivals.length > 0 ? [...recorded, ...(await ledger.join(arrivals))] : recorded;
}

/** @throws what the recording failed with */
function toRecorded(settled: PromiseSettledResult<RecordOutcome[]>): RecordOutcome[] {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

async function decideAll(
  signals: readonly Signal[],
  job: ReplayJob,
  { registry, deps }: SliceContext,
): Promise<Decided[]> {
  const mark = toMark(job);
  const decided: Decided[] = [];
  for (let from = 0; from < signals.length; from += readAtOnce) {
    const some = signals.slice(from, from + readAtOnce).map(async (signal): Promise<Decided[]> => {
      if (!job.force) return decideAgain(signal, await readContext(signal, registry, deps), mark);
      const decisions = await foreseeReplay(signal, job, { registry, deps });
      return decisions.map((decision) => ({ kind: 'alone', decision }));
    });
    decided.push(...(await Promise.all(some)).flat());
  }
  return decided;
}

/** What would be quarantined again stays where it is. */
async function resubmitAll(
  ids: readonly string[],
  { name, actor, reason }: ReplayJob,
  deps: SliceDeps,
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
