import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { SetPath, SetResult } from '../../contracts/api/pending-set.js';
import type { SetMember } from '../../contracts/input-set.js';
import type { Signal } from '../../contracts/signal.js';
import type { Trigger } from '../../contracts/trigger.js';
import type { Verdict } from '../../contracts/verdict.js';
import type { SetStep } from '../../domain/input-set/arrival.js';
import { findReleasable, releaseSet, type Releasable } from '../../domain/input-set/settle.js';
import type { Ledger, LedgerEntry } from '../../ports/ledger.js';
import type { SignalStore } from '../../ports/signal-store.js';
import type { StageQueues } from '../../ports/stage-queues.js';
import { toDispatchMessage } from '../to-dispatch-message.js';
import { recordAudit } from './audit.js';
import { type ForeseeDeps, readContext } from './foresee.js';
import { toPresentInput } from './query-sets.js';
import { type ClearSetDeps, findSet, type FoundSet, refuseChanged, type SetContext, toSetText } from './settle-set.js';

export interface ReleaseSetDeps extends ClearSetDeps, Omit<ForeseeDeps, 'ledgerQueries'> {
  readonly ledger: Pick<Ledger, 'changeSet' | 'listVerdicts' | 'get'>;
  readonly signals: Pick<SignalStore, 'get'>;
  readonly queues: Pick<StageQueues, 'toDispatch'>;
}

/**
 * Let a set go with what is there. The trigger's id is that of its vector, so nothing goes twice; holds, pauses and
 * dispatch are those of any other trigger. The sweep hands it on if we die before the queue has it.
 * @throws RetryableError
 */
export async function releasePendingSet(
  path: SetPath,
  context: SetContext,
  deps: ReleaseSetDeps,
): Promise<Outcome<SetResult>> {
  const found = await findSet(path, deps, context.etag);
  if (!found.ok) return found;
  const { stored, subscription } = found.value;
  const { fired } = stored.state;
  if (fired) {
    const detail = `set ${stored.set} fired at ${fired.at} as trigger ${fired.triggerId}`;
    return refuse('conflict', detail, 'nothing is left to do; a corrected snapshot of it fires by itself');
  }
  const releasable = findReleasable(stored.state, stored.set, subscription);
  if (releasable === undefined) {
    const next = 'wait for an input, or replay the event of one';
    return refuse('conflict', `nothing is there of set ${stored.set} to go with`, next);
  }
  const step = await toStep(found.value, releasable, { context, deps });
  if (!step.ok) return step;
  return context.dryRun
    ? foretell(step.value, { found: found.value, releasable, deps })
    : store(step.value, { found: found.value, releasable, context, deps });
}

/** What the set becomes, decided now. */
async function toStep(
  { stored, subscription, registry }: FoundSet,
  { vector, last, missing }: Releasable,
  { context, deps }: { context: SetContext; deps: ReleaseSetDeps },
): Promise<Outcome<SetStep>> {
  const [signal, verdict] = await Promise.all([findSignal(last, deps), findVerdict(last, stored, deps)]);
  if (signal === undefined || verdict === undefined) {
    const detail = `what was recorded of event ${last.part.eventId} is gone`;
    return refuse('conflict', detail, 'clear the set and let its inputs be sealed again');
  }
  const decideContext = await readContext(signal, registry, deps);
  const at = new Date(decideContext.nowMs).toISOString();
  const released = { at, by: context.actor, reason: context.reason, missing: [...missing] };
  const holdContext = { ...decideContext, portStates: decideContext.portStates ?? new Map() };
  return succeed(releaseSet(stored.state, { signal, verdict, released, vector }, { subscription, holdContext }));
}

function findSignal({ part }: SetMember, { signals }: ReleaseSetDeps): Promise<Signal | undefined> {
  const { outputPort, producer, signalId } = part;
  return signals.get({ stage: outputPort.stage, producerDp: producer, signalId });
}

/** The verdict with which an input came into the set; the live one where a replay brought it again. */
async function findVerdict(
  { part }: SetMember,
  { stage, subscription, set }: FoundSet['stored'],
  { ledger }: ReleaseSetDeps,
): Promise<Verdict | undefined> {
  const verdicts = await ledger.listVerdicts({ stages: [stage], signalId: part.signalId });
  const own = verdicts.filter((verdict) => verdict.subscription === subscription && verdict.set === set);
  return own.find(({ replay }) => replay === undefined) ?? own[0];
}

interface Settling {
  readonly found: FoundSet;
  readonly releasable: Releasable;
  readonly deps: ReleaseSetDeps;
}

async function foretell({ decision }: SetStep, settling: Settling): Promise<Outcome<SetResult>> {
  const { trigger, initial } = decision;
  const before = trigger && (await settling.deps.ledger.get(trigger.triggerId));
  if (before) return refuseFired(before.trigger.triggerId);
  return succeed(toResult('would-release', settling, trigger && { trigger, state: initial ?? 'pending' }));
}

async function store(
  { set: to, decision }: SetStep,
  { context, ...settling }: Settling & { context: SetContext },
): Promise<Outcome<SetResult>> {
  const { found, releasable, deps } = settling;
  const { stage, subscription, set, etag } = found.stored;
  const { actor, reason } = context;
  const details = { missing: [...releasable.missing], trigger: decision.trigger?.triggerId ?? '' };
  await recordAudit({ actor, action: 'set.release', target: toSetText(found.stored), reason, details }, deps);
  const outcome = await deps.ledger.changeSet({ stage, subscription, set, etag, to, decision });
  switch (outcome.kind) {
    case 'stored':
      await handOn(outcome.entry, deps);
      return succeed(toResult('released', settling, outcome.entry));
    case 'fired-before':
      return refuseFired(outcome.triggerId);
    case 'retracted':
      return refuse('conflict', `a snapshot of set ${set} was retracted just now`, 'look at it again');
    case 'changed':
      return refuseChanged(found.stored);
    default:
      return outcome satisfies never;
  }
}

/** What is held goes when the sweep finds that nothing holds it any more. */
async function handOn(entry: LedgerEntry | undefined, { queues }: ReleaseSetDeps): Promise<void> {
  if (entry?.state !== 'pending') return;
  await queues.toDispatch([toDispatchMessage(entry)]);
}

function refuseFired(triggerId: string): ReturnType<typeof refuse> {
  return refuse('conflict', `what is there of the set fired before, as trigger ${triggerId}`, 'nothing is left to do');
}

function toResult(
  result: 'released' | 'would-release',
  { found, releasable }: Settling,
  fired: { readonly trigger: Trigger; readonly state: string } | undefined,
): SetResult {
  const { stage, subscription, set } = found.stored;
  const { vector, missing } = releasable;
  const named = { result, stage, subscription, set, inputs: vector.map(toPresentInput), missing: [...missing] };
  if (fired === undefined) return named;
  const { triggerId, consumer, decidedAt, heldFor } = fired.trigger;
  const state = fired.state === 'held' ? ('held' as const) : ('pending' as const);
  return { ...named, trigger: { triggerId, consumer, state, decidedAt, ...(heldFor && { heldFor }) } };
}
