import type { Remedy, TriggerView } from '../../contracts/api/explanation.js';
import type { Signal } from '../../contracts/signal.js';
import type { Verdict } from '../../contracts/verdict.js';
import { type CompiledRegistry, wishesFor } from '../../domain/compiled-registry.js';
import type { PortWish } from '../../domain/port-wish.js';
import { toArrivalHabit } from '../../domain/explain/arrival-habit.js';
import { toOwner, toRemedies } from '../../domain/explain/remedies.js';
import { toReleaseRemedies, toSetRemedies } from '../../domain/explain/set-remedies.js';
import type { LedgerQueries } from '../../ports/ledger-queries.js';
import type { SignalQueries } from '../../ports/signal-queries.js';
import { emptySet } from '../../domain/input-set/advance.js';

export interface FindRemediesDeps {
  readonly signalQueries: Pick<SignalQueries, 'listArrivals'>;
  readonly ledgerQueries: Pick<LedgerQueries, 'getSet'>;
}

/** What a verdict was about, and what became of its trigger. */
interface Subject {
  readonly signal: Signal;
  readonly registry: CompiledRegistry;
  readonly trigger?: TriggerView | undefined;
}

/** Arrivals looked at to learn what is usual. */
const habitSamples = 50;

/** What would make a verdict's subscription fire, who owns it, and when it usually comes. @throws RetryableError */
export async function findRemedies(verdict: Verdict, subject: Subject, deps: FindRemediesDeps): Promise<Remedy[]> {
  const { signal, registry, trigger } = subject;
  const wish = findWish(verdict, registry);
  if (wish === undefined) return [];
  switch (verdict.outcome) {
    case 'matched':
    case 'absorbed':
    case 'retracted':
      return [];
    case 'held': {
      const isHeld = trigger === undefined || trigger.state === 'held';
      return isHeld ? toReleaseRemedies(trigger?.heldFor ?? toHolds(verdict), verdict.consumer, registry) : [];
    }
    case 'same-vector':
      return [toRevisionRemedy(signal, registry)];
    case 'waiting':
      return findSetRemedies(verdict, { signal, registry, wish }, deps);
    case 'not-matched':
    case 'shadow':
    case 'error': {
      const remedies = toRemedies({ signal, wish, registry, gates: verdict.gates });
      return Promise.all(remedies.map((remedy) => withHabit(remedy, verdict, signal.outputPortKey, deps)));
    }
    default:
      return verdict.outcome satisfies never;
  }
}

/** The gates that hold, when no trigger says so itself. */
function toHolds({ gates }: Verdict): { code: 'circuit-breaker' | 'contract-breach' | 'paused'; reason: string }[] {
  return gates.flatMap(({ holds, code, reason }) => {
    if (holds !== true) return [];
    return [{ code: code === 'circuit-breaker' || code === 'contract-breach' ? code : 'paused', reason }];
  });
}

function findWish({ outputPortKey, subscription, input }: Verdict, registry: CompiledRegistry): PortWish | undefined {
  return wishesFor(registry, outputPortKey).find(
    (wish) => wish.key === subscription && (input === undefined || wish.input.name === input),
  );
}

async function findSetRemedies(
  verdict: Verdict,
  context: { signal: Signal; registry: CompiledRegistry; wish: PortWish },
  deps: FindRemediesDeps,
): Promise<Remedy[]> {
  const { subscription, subscriptionStage: stage, set: key } = verdict;
  if (key === undefined) return [];
  const stored = await deps.ledgerQueries.getSet({ stage, subscription, set: key });
  const remedies = toSetRemedies(stored?.state ?? emptySet, key, context);
  return Promise.all(remedies.map(({ port, ...remedy }) => withHabit(remedy, verdict, port, deps)));
}

async function withHabit(
  remedy: Remedy,
  { subscriptionStage: stage }: Verdict,
  port: string,
  { signalQueries }: FindRemediesDeps,
): Promise<Remedy> {
  if (remedy.kind !== 'event') return remedy;
  const usually = toArrivalHabit(await signalQueries.listArrivals({ stage, port, limit: habitSamples }));
  return usually ? { ...remedy, usually } : remedy;
}

/** The snapshot fired already: only a corrected one is news. */
function toRevisionRemedy({ outputPortKey, revision, producerDp }: Signal, registry: CompiledRegistry): Remedy {
  return {
    kind: 'event',
    fact: `a corrected snapshot of ${outputPortKey} is sealed with revision ${revision + 1}; this one has fired already`,
    ...toOwner(producerDp, registry),
    gates: [],
    verified: true,
  };
}
