import type { EventExplanation, SubscriptionExplanation, TriggerView } from '../../contracts/api/explanation.js';
import type { Signal } from '../../contracts/signal.js';
import type { Verdict } from '../../contracts/verdict.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import { toEventPath } from '../../domain/explain/event-path.js';
import { toSetFate } from '../../domain/explain/set-fate.js';
import { pauseFor, toTargetText } from '../../domain/pause-for.js';
import type { ControlState } from '../../ports/control-store.js';
import type { Ledger } from '../../ports/ledger.js';
import type { LedgerQueries } from '../../ports/ledger-queries.js';
import type { SignalStore } from '../../ports/signal-store.js';
import type { RegistrySource } from '../registry-source.js';
import { findRemedies, type FindRemediesDeps } from './find-remedies.js';
import { foresee, type ForeseeDeps } from './foresee.js';
import { isRetraction } from '../../domain/retraction.js';

export interface ExplainSignalDeps extends ForeseeDeps, Omit<FindRemediesDeps, 'ledgerQueries'> {
  readonly signals: Pick<SignalStore, 'get' | 'findByEventId' | 'listDuplicates'>;
  readonly ledger: Pick<Ledger, 'get' | 'listVerdicts' | 'listReceipts'>;
  readonly ledgerQueries: Pick<LedgerQueries, 'findReceipts' | 'getSet' | 'findRetractable'>;
  readonly registry: RegistrySource;
  readonly stages: readonly string[];
}

interface Context {
  readonly signal: Signal;
  readonly registry: CompiledRegistry | undefined;
  readonly controls: ControlState;
  readonly deps: ExplainSignalDeps;
}

/** A stored signal with its path and every subscription's decision. @throws RetryableError */
export async function explainSignal(
  signal: Signal,
  only: string | undefined,
  deps: ExplainSignalDeps,
): Promise<EventExplanation> {
  const [duplicates, verdicts, registry, controls] = await Promise.all([
    deps.signals.listDuplicates(signal),
    deps.ledger.listVerdicts({ stages: deps.stages, signalId: signal.signalId }),
    deps.registry.current(),
    deps.controls.current(),
  ]);
  const context = { signal, registry, controls, deps };
  const stored = await Promise.all(verdicts.map((verdict) => explainVerdict(verdict, context)));
  const all = [...stored, ...(await explainUndecided(verdicts, context))];
  const subscriptions = all
    .filter(({ subscription }) => only === undefined || subscription === only)
    .sort((a, b) => (a.subscription < b.subscription ? -1 : 1));
  return { signal, path: toEventPath(signal, duplicates, subscriptions), duplicates, subscriptions };
}

async function explainVerdict(verdict: Verdict, context: Context): Promise<SubscriptionExplanation> {
  const trigger = await readTrigger(verdict, context.deps);
  const { signal, registry, deps } = context;
  const { subscription, consumer, outcome, registryVersion, decidedAt, gates, firstEventId, replay, set } = verdict;
  return {
    subscription,
    consumer,
    outcome,
    reason: [toReason(verdict, trigger), await readSetFate(verdict, deps)].filter(Boolean).join(' '),
    registryVersion,
    decidedAt,
    gates,
    ...(replay !== undefined && { replay }),
    ...(set !== undefined && { set }),
    ...(trigger && { trigger }),
    ...(firstEventId !== undefined && { firstEventId }),
    remedies: registry ? await findRemedies(verdict, { signal, registry, trigger }, deps) : [],
    ...toPausedBy(verdict, context),
  };
}

/** Subscriptions of the port that have no verdict: added since, or not evaluated yet. */
async function explainUndecided(verdicts: readonly Verdict[], context: Context): Promise<SubscriptionExplanation[]> {
  const { signal, registry, deps } = context;
  // A retraction concerns only the subscriptions of its own stage.
  if (registry === undefined || isRetraction(signal)) return [];
  const decided = new Set(verdicts.map(({ subscription }) => subscription));
  const foreseen = await foresee(signal, registry, deps);
  const open = foreseen.filter(({ verdict }) => !decided.has(verdict.subscription));
  return Promise.all(
    open.map(async ({ verdict }): Promise<SubscriptionExplanation> => {
      const { subscription, consumer, registryVersion, gates, outcome } = verdict;
      const reason = `no verdict is stored: the event is still on its way, or the subscription is newer than the event; decided now it would be ${outcome}`;
      const remedies = await findRemedies(verdict, { signal, registry }, deps);
      return { subscription, consumer, outcome: 'not-evaluated', reason, registryVersion, gates, remedies };
    }),
  );
}

async function readSetFate(verdict: Verdict, { ledgerQueries }: ExplainSignalDeps): Promise<string | undefined> {
  const { outcome, set, subscription, subscriptionStage: stage } = verdict;
  if (outcome !== 'waiting' || set === undefined) return undefined;
  const stored = await ledgerQueries.getSet({ stage, subscription, set });
  return stored && toSetFate(verdict, stored.state);
}

async function readTrigger({ triggerId }: Verdict, { ledger }: ExplainSignalDeps): Promise<TriggerView | undefined> {
  if (triggerId === undefined) return undefined;
  const [entry, receipts] = await Promise.all([ledger.get(triggerId), ledger.listReceipts(triggerId)]);
  if (entry === undefined) return undefined;
  const { state, trigger, pendingSince, leaseUntil, sentAt, absorbedInto, refusedFor } = entry;
  return {
    triggerId,
    state,
    cause: trigger.cause,
    pendingSince,
    ...(leaseUntil !== undefined && { leaseUntil }),
    ...(sentAt !== undefined && { sentAt }),
    ...(absorbedInto !== undefined && { absorbedInto }),
    ...(refusedFor !== undefined && { refusedFor }),
    ...(trigger.heldFor !== undefined && { heldFor: trigger.heldFor }),
    ...(trigger.released !== undefined && { released: trigger.released }),
    receipts,
  };
}

function toReason({ outcome, gates, firstEventId }: Verdict, trigger: TriggerView | undefined): string {
  const no = gates.flatMap(({ answer, reason }) => (answer === 'pass' ? [] : [reason])).join(' ');
  switch (outcome) {
    case 'matched':
      if (trigger?.state === 'refused')
        return `it fired, and the topic refused it: ${trigger.refusedFor ?? 'no reason'}`;
      if (trigger?.state === 'withdrawn') return 'it fired, and was withdrawn before it left';
      return gates.find(({ code }) => code === 'set-released')?.reason ?? 'every gate said yes';
    case 'held':
      if (trigger !== undefined && trigger.state !== 'held') return `it was held, and is ${trigger.state} now`;
      return `it waits: ${trigger?.heldFor?.map(({ reason }) => reason).join(' ') ?? no}`;
    case 'same-vector':
      return `this snapshot fired before, for event ${firstEventId ?? 'unknown'}`;
    case 'retracted':
      return gates.map(({ reason }) => reason).join(' ');
    case 'not-matched':
    case 'waiting':
    case 'absorbed':
    case 'shadow':
    case 'error':
      return no;
    default:
      return outcome satisfies never;
  }
}

function toPausedBy({ stage, outputPortKey, subscription }: Verdict, { controls }: Context): { pausedBy?: string } {
  const pause = pauseFor(controls, { stage, port: outputPortKey, subscription });
  return pause ? { pausedBy: `${toTargetText(pause.target)}: ${pause.reason}` } : {};
}
