import type { OutgoingTrigger } from '../contracts/outgoing-trigger.js';
import type { EvaluateMessage } from '../contracts/stage-messages.js';
import type { Signal } from '../contracts/signal.js';
import type { VerdictOutcome } from '../contracts/verdict.js';
import type { CompiledRegistry } from '../domain/compiled-registry.js';
import { type Decided, decide } from '../domain/decide.js';
import { toOutgoingTrigger } from '../domain/outgoing-trigger.js';
import { isRetraction } from '../domain/retraction.js';
import { RetryableError } from '../ports/errors.js';
import type { Ledger, LedgerEntry, RecordOutcome } from '../ports/ledger.js';
import type { PortStates } from '../ports/port-states.js';
import type { StageQueues } from '../ports/stage-queues.js';
import type { RegistrySource } from './registry-source.js';
import { type ReleaseDeps, releaseHeld } from './release-held.js';
import { rememberPorts } from './remember-ports.js';
import { retract } from './retract.js';
import { toDispatchMessage } from './to-dispatch-message.js';

export interface EvaluateDeps extends ReleaseDeps {
  readonly ledger: Pick<Ledger, 'record' | 'join' | 'retract' | 'regulate'>;
  readonly portStates: PortStates;
  readonly queues: Pick<StageQueues, 'toDispatch'>;
  readonly registry: RegistrySource;
  /** Sends what was recorded in the same invocation; without it triggers are handed on. */
  readonly directDispatch?: DirectDispatch | undefined;
}

/** The short way of a trigger out of the ledger, which spares it the claim: it is recorded as claimed. */
export interface DirectDispatch {
  /** End of the lease under which to record up to so many triggers for `send`; undefined when they are to be handed on. */
  leaseUntil(count: number): string | undefined;
  /** Send what was recorded under that lease. Never throws: what could not be sent is left to the sweep. */
  send(triggers: readonly OutgoingTrigger[], leaseUntil: string): Promise<void>;
}

const countNames = {
  matched: 'matched',
  held: 'held',
  waiting: 'waiting',
  absorbed: 'absorbed',
  shadow: 'shadow',
  'not-matched': 'notMatched',
  'same-vector': 'sameVector',
  retracted: 'retracted',
  error: 'errors',
} as const satisfies Record<VerdictOutcome, string>;
type CountName = (typeof countNames)[VerdictOutcome];

/** How many verdicts of a batch came out how. */
export type EvaluateCounts = { readonly verdicts: number } & Partial<Record<CountName, number>>;

/**
 * Decide every subscription for each signal, store verdicts and triggers, let go what regulated subscriptions may send,
 * then hand pending triggers on. Safe to repeat: what was decided stands. @throws RetryableError
 */
export async function evaluate(messages: readonly EvaluateMessage[], deps: EvaluateDeps): Promise<EvaluateCounts> {
  const registry = await deps.registry.current();
  if (registry === undefined) throw new RetryableError('no registry is in force; run "outport registry apply"');
  const signals = messages.map(({ signal }) => signal);
  const retractions = signals.filter(isRetraction);
  const decided = await decideAll(
    signals.filter((signal) => !isRetraction(signal)),
    registry,
    deps,
  );
  // What a retraction in the same batch takes back shall not leave before it.
  const leaseUntil = retractions.length === 0 ? deps.directDispatch?.leaseUntil(decided.length) : undefined;
  const recorded = await recordAll(decided, leaseUntil, deps);
  if (leaseUntil !== undefined) await sendLeased(recorded, leaseUntil, deps);
  const outcomes = [...recorded, ...(await retractAll(retractions, registry, deps))];
  const released = await releaseRegulated(outcomes, registry, deps);
  const pending = [...outcomes.flatMap(toPending), ...released].map(toDispatchMessage);
  if (pending.length > 0) await deps.queues.toDispatch(pending);
  return toCounts(outcomes);
}

async function decideAll(
  signals: readonly Signal[],
  registry: CompiledRegistry,
  deps: EvaluateDeps,
): Promise<Decided[]> {
  const remembered = await rememberPorts(signals, registry, deps.portStates);
  const pauseOf = await deps.pauses.current();
  const nowMs = deps.clock.nowMs();
  return signals.flatMap((signal) =>
    decide(signal, { registry, nowMs, pauseOf, portStates: remembered.get(signal.stage) ?? new Map() }),
  );
}

async function recordAll(
  decided: readonly Decided[],
  leaseUntil: string | undefined,
  { ledger }: EvaluateDeps,
): Promise<RecordOutcome[]> {
  const decisions = decided.flatMap((one) => (one.kind === 'alone' ? [one.decision] : []));
  const arrivals = decided.flatMap((one) => (one.kind === 'joins' ? [one.arrival] : []));
  const leased = leaseUntil === undefined ? decisions : decisions.map((decision) => ({ ...decision, leaseUntil }));
  const recorded = leased.length > 0 ? ledger.record(leased) : [];
  const joined = arrivals.length > 0 ? ledger.join(arrivals) : [];
  return (await Promise.all([recorded, joined])).flat();
}

/** Only what this very call recorded is ours to send (L5). */
async function sendLeased(
  outcomes: readonly RecordOutcome[],
  leaseUntil: string,
  { directDispatch }: EvaluateDeps,
): Promise<void> {
  const own = outcomes.filter(({ kind }) => kind === 'recorded').flatMap(toEntry);
  const leased = own.filter(({ state }) => state === 'dispatching');
  const triggers = leased.map(({ trigger, unsentPage }) => toOutgoingTrigger(trigger, unsentPage));
  if (triggers.length > 0) await directDispatch?.send(triggers, leaseUntil);
}

async function retractAll(
  signals: readonly Signal[],
  registry: CompiledRegistry,
  deps: EvaluateDeps,
): Promise<RecordOutcome[]> {
  const outcomes: RecordOutcome[] = [];
  for (const signal of signals) outcomes.push(...(await retract(signal, registry, deps)));
  return outcomes;
}

/** The fast path out of a hold; the sweep is the sure one. */
async function releaseRegulated(
  outcomes: readonly RecordOutcome[],
  registry: CompiledRegistry,
  deps: EvaluateDeps,
): Promise<LedgerEntry[]> {
  const held = outcomes.flatMap(toEntry).filter(({ state }) => state === 'held');
  const refs = new Map(held.map(({ trigger: { stage, subscription } }) => [subscription, { stage, subscription }]));
  const regulated = [...refs.values()].filter(
    ({ subscription }) => registry.subscriptions.get(subscription)?.regulated,
  );
  const released = await Promise.all(regulated.map((ref) => releaseHeld(ref, registry, deps)));
  return released.flat();
}

function toEntry(outcome: RecordOutcome): LedgerEntry[] {
  return outcome.kind === 'same-vector' || outcome.entry === undefined ? [] : [outcome.entry];
}

/** Also for a verdict that stood already: an earlier attempt may have died between storing and handing on. */
function toPending(outcome: RecordOutcome): LedgerEntry[] {
  return toEntry(outcome).filter(({ state }) => state === 'pending');
}

function toCounts(outcomes: readonly RecordOutcome[]): EvaluateCounts {
  const counts: Partial<Record<CountName, number>> = {};
  for (const { verdict } of outcomes) {
    const name = countNames[verdict.outcome];
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return { verdicts: outcomes.length, ...counts };
}
