import type { Signal } from '../../contracts/signal.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { PortWish } from '../../domain/port-wish.js';
import { type Decision, toRetractedBefore } from '../../domain/decision.js';
import { decideRetraction, type TakenBack, toRetractedSnapshot } from '../../domain/retraction.js';
import { toSnapshots } from '../../domain/trigger.js';
import type { Clock } from '../../ports/clock.js';
import type { LedgerQueries } from '../../ports/ledger-queries.js';

export interface ForeseeRetractionDeps {
  readonly ledgerQueries: Pick<LedgerQueries, 'findRetractable'>;
  readonly clock: Clock;
}

/** What a retraction would do to one subscription, and the triggers it is about; `marked` when one came before. */
export interface ForeseenRetraction {
  readonly decision: Decision;
  readonly taken: TakenBack & { readonly marked: boolean };
}

/** The decisions of subscriptions on a retraction as they would come out now; nothing is marked. @throws RetryableError */
export function foreseeRetraction(
  signal: Signal,
  wishes: readonly PortWish[],
  context: { registry: CompiledRegistry; deps: ForeseeRetractionDeps },
): Promise<ForeseenRetraction[]> {
  return Promise.all(wishes.map((wish) => foreseeOne(signal, wish, context)));
}

async function foreseeOne(
  signal: Signal,
  wish: PortWish,
  { registry, deps }: { registry: CompiledRegistry; deps: ForeseeRetractionDeps },
): Promise<ForeseenRetraction> {
  const { key: subscription, stage } = wish.subscription.entry;
  const taken = await deps.ledgerQueries.findRetractable({ stage, subscription, ...toRetractedSnapshot(signal) });
  const context = { registryVersion: registry.version, nowMs: deps.clock.nowMs() };
  return { decision: decideRetraction(signal, wish, taken, context), taken };
}

/** A decision as the ledger would take it: no trigger for a snapshot that was retracted. @throws RetryableError */
export async function withoutRetracted(
  decision: Decision,
  { ledgerQueries }: Pick<ForeseeRetractionDeps, 'ledgerQueries'>,
): Promise<Decision> {
  const { trigger, verdict } = decision;
  if (trigger === undefined) return decision;
  const { stage, subscription } = trigger;
  const asked = toSnapshots(trigger).map((snapshot) =>
    ledgerQueries.findRetractable({ stage, subscription, ...snapshot }),
  );
  const met = await Promise.all(asked);
  // What stands already is the same vector, whatever became of its snapshots.
  const stands = met.some(({ withdrawn, sent }) =>
    [...withdrawn, ...sent].some(({ triggerId }) => triggerId === trigger.triggerId),
  );
  return !stands && met.some(({ marked }) => marked) ? { verdict: toRetractedBefore(verdict) } : decision;
}
