import type { Remedy } from '../../contracts/api/explanation.js';
import type { InputSet } from '../../contracts/input-set.js';
import type { Signal } from '../../contracts/signal.js';
import type { Hold } from '../../contracts/trigger.js';
import type { CompiledRegistry } from '../compiled-registry.js';
import type { PortWish } from '../port-wish.js';
import { toPresent } from '../input-set/advance.js';
import { toPeriods } from '../input-set/arrival.js';
import { findMissing } from '../input-set/condition.js';
import { toOwner } from './remedies.js';

/** The inputs a waiting set misses now, each with the port it comes from; all of them are needed. */
export function toSetRemedies(
  set: InputSet,
  key: string,
  { signal, wish, registry }: { signal: Signal; wish: PortWish; registry: CompiledRegistry },
): (Remedy & { port: string })[] {
  const { subscription } = wish;
  const period = toPeriods(signal, wish).find((each) => each.key === key);
  if (period === undefined || set.fired) return [];
  const missing = findMissing(subscription.condition, toPresent(set.members, { subscription, period })) ?? [];
  return missing.flatMap((name) => {
    const input = subscription.inputs.get(name)?.input;
    if (input === undefined) return [];
    const product = registry.ports.get(input.port)?.entry.dataProduct ?? 'unknown';
    const fact = `a snapshot of ${input.port} (input ${name}, versions ${input.versions}) is sealed for ${key}`;
    const only = missing.length === 1;
    return [{ kind: 'event', fact, ...toOwner(product, registry), gates: ['set'], verified: only, port: input.port }];
  });
}

/** What must end for a held trigger to leave. */
export function toReleaseRemedies(heldFor: readonly Hold[], consumer: string, registry: CompiledRegistry): Remedy[] {
  return heldFor.map(({ code, reason, owner, until }) => ({
    kind: 'release',
    fact: `the hold "${code}" ends${until === undefined ? '' : ` (by itself at ${until})`}: ${reason}`,
    product: consumer,
    owner: owner ?? toOwner(consumer, registry).owner,
    gates: [],
    verified: heldFor.length === 1,
  }));
}
