import type { EvaluateMessage } from '../contracts/stage-messages.js';
import type { Signal } from '../contracts/signal.js';
import type { VerdictOutcome } from '../contracts/verdict.js';
import type { CompiledRegistry } from '../domain/compiled-registry.js';
import { type Decided, decide } from '../domain/decide.js';
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
  const outcomes = [
    ...(await recordDecisions(
      signals.filter((signal) => !isRetraction(signal)),
      registry,
      deps,
    )),
    ...(await retractAll(signals.filter(isRetraction), registry, deps)),
  ];
  const released = await releaseRegulated(outcomes, registry, deps);
  const pending = [...outcomes.flatMap(toPending), ...released].map(toDispatchMessage);
  if (pending.length > 0) await deps.queues.toDispatch(pending);
  return toCounts(outcomes);
}

async function recordDecisions(
  signals: readonly Signal[],
  registry: CompiledRegistry,
  deps: EvaluateDeps,
): Promise<RecordOutcome[]> {
  const remembered = await rememberPorts(signals, registry, deps.portStates);
  const pauseOf = await deps.pauses.current();
  const nowMs = deps.clock.nowMs();
  const decided = signals.flatMap((signal) =>
    decide(signal, { registry, nowMs, pauseOf, portStates: remembered.get(signal.stage) ?? new Map() }),
  );
  const decisions = decided.flatMap((one: Decided) => (one.kind === 'alone' ? [one.decision] : []));
  const arrivals = decided.flatMap((one: Decided) => (one.kind === 'joins' ? [one.arrival] : []));
  const recorded = decisions.length > 0 ? deps.ledger.record(decisions) : [];
  const joined = arrivals.length > 0 ? deps.ledger.join(arrivals) : [];
  return (await Promise.all([recorded, joined])).flat();
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
