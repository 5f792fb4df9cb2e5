import { type Outcome, succeed } from '../../contracts/api/operator-problem.js';
import type { PendingSet } from '../../contracts/api/pending-set.js';
import type { SetsQuery } from '../../contracts/api/queries.js';
import type { SetMember } from '../../contracts/input-set.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import { findMissing } from '../../domain/input-set/condition.js';
import { toPresent } from '../../domain/input-set/advance.js';
import { fromSetKey } from '../../domain/input-set/period.js';
import type { LedgerQueries, StoredSet } from '../../ports/ledger-queries.js';
import type { RegistrySource } from '../registry-source.js';
import { type Listed, readPage, readStages, toListed } from './paging.js';

export interface QuerySetsDeps {
  readonly ledgerQueries: Pick<LedgerQueries, 'listSets'>;
  readonly registry: RegistrySource;
  readonly stages: readonly string[];
}

/** What a subscription with several inputs waits for, set by set, oldest period first. @throws RetryableError */
export async function querySets(query: SetsQuery, deps: QuerySetsDeps): Promise<Outcome<Listed<PendingSet>>> {
  const page = readPage(query);
  if (!page.ok) return page;
  const { subscription, stage, fired } = query;
  const stages = readStages(stage, deps.stages);
  if (!stages.ok) return stages;
  const filter = { stages: stages.value, subscription };
  const found = await deps.ledgerQueries.listSets(filter, page.value);
  const registry = await deps.registry.current();
  const items = found.items.map((set) => toPendingSet(set, registry));
  const wanted = items.filter(({ triggerId }) => fired || triggerId === undefined);
  return succeed(toListed({ ...found, items: wanted }, query));
}

/** A set for people, with what it misses by the registry in force. */
export function toPendingSet(
  { stage, subscription, set, state, etag }: StoredSet,
  registry: CompiledRegistry | undefined,
): PendingSet {
  const { members, fired, cleared } = state;
  return {
    stage,
    subscription,
    set,
    ...(fired && { triggerId: fired.triggerId, firedAt: fired.at }),
    ...(fired?.released && { released: fired.released }),
    ...(cleared && { cleared }),
    present: members.map(toPresentInput),
    missing: fired === undefined ? findMissingInputs({ subscription, set, members }, registry) : [],
    etag,
  };
}

/** A snapshot in a set for people. */
export function toPresentInput({ input, part }: SetMember): PendingSet['present'][number] {
  return { input, eventId: part.eventId, port: part.outputPort.key, watermark: part.snapshot.watermark };
}

/** By the registry in force; nothing is missing of a subscription it does not hold. */
function findMissingInputs(
  { subscription: key, set, members }: { subscription: string; set: string; members: StoredSet['state']['members'] },
  registry: CompiledRegistry | undefined,
): PendingSet['missing'] {
  const subscription = registry?.subscriptions.get(key);
  if (registry === undefined || subscription === undefined) return [];
  const present = toPresent(members, { subscription, period: fromSetKey(subscription.align, set) });
  return (findMissing(subscription.condition, present) ?? []).map((input) => {
    const port = subscription.inputs.get(input)?.input.port ?? '';
    const product = registry.ports.get(port)?.entry.dataProduct ?? '';
    return { input, port, owner: registry.products.get(product)?.owner ?? product };
  });
}
