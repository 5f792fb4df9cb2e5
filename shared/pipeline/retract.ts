import type { Signal } from '../contracts/signal.js';
import { type CompiledRegistry, wishesFor } from '../domain/compiled-registry.js';
import type { PortWish } from '../domain/port-wish.js';
import { decideRetraction, toRetractedSnapshot, toSetRetractions } from '../domain/retraction.js';
import type { Clock } from '../ports/clock.js';
import type { Ledger, RecordOutcome } from '../ports/ledger.js';

export interface RetractDeps {
  readonly ledger: Pick<Ledger, 'retract' | 'record' | 'join'>;
  readonly clock: Clock;
}

/** Take a snapshot back from every subscription of its stage on its port. Safe to repeat. @throws RetryableError */
export async function retract(signal: Signal, registry: CompiledRegistry, deps: RetractDeps): Promise<RecordOutcome[]> {
  return retractFrom(toConcernedWishes(signal, registry), signal, { registry, deps });
}

/** Take it back from some of them only. Safe to repeat. @throws RetryableError */
export async function retractFrom(
  wishes: readonly PortWish[],
  signal: Signal,
  { registry, deps }: { registry: CompiledRegistry; deps: RetractDeps },
): Promise<RecordOutcome[]> {
  const outcomes = await Promise.all(wishes.map((wish) => retractOne(signal, wish, registry, deps)));
  return outcomes.flat();
}

/** Whom a retraction concerns: every subscription of its stage on its port. */
export function toConcernedWishes(signal: Signal, registry: CompiledRegistry): PortWish[] {
  const wishes = wishesFor(registry, signal.outputPortKey);
  return wishes.filter(({ subscription }) => subscription.entry.stage === signal.stage);
}

/** The mark comes first: from then on no trigger for the snapshot can be made, so what is found is all there is. */
async function retractOne(
  signal: Signal,
  wish: PortWish,
  registry: CompiledRegistry,
  { ledger, clock }: RetractDeps,
): Promise<RecordOutcome[]> {
  const { key, stage, inputs } = wish.subscription.entry;
  const taken = await ledger.retract({ stage, subscription: key, ...toRetractedSnapshot(signal) });
  const context = { registryVersion: registry.version, nowMs: clock.nowMs() };
  const decision = decideRetraction(signal, wish, taken, context);
  const sets = inputs === undefined ? [] : toSetRetractions(signal, wish, decision);
  return sets.length > 0 ? ledger.join(sets) : ledger.record([decision]);
}
