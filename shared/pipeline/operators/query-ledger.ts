import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { TriggersQuery, VerdictsQuery } from '../../contracts/api/queries.js';
import type { Verdict } from '../../contracts/verdict.js';
import type { LedgerEntry } from '../../ports/ledger.js';
import type { LedgerQueries, TriggerKey } from '../../ports/ledger-queries.js';
import { type Listed, readPage, readStages, toListed } from './paging.js';

export interface QueryLedgerDeps {
  readonly ledgerQueries: LedgerQueries;
  readonly stages: readonly string[];
}

/** Triggers by consumer (newest first), or those not sent yet (oldest first). @throws RetryableError */
export async function queryTriggers(
  query: TriggersQuery,
  deps: QueryLedgerDeps,
): Promise<Outcome<Listed<LedgerEntry>>> {
  const by = toKey(query);
  if (by === undefined) {
    return refuse(
      'needs-scan',
      'triggers that no longer wait have no index over all consumers',
      'name a consumer, ask for state held, pending or refused, or say that you mean it (scan)',
    );
  }
  const page = readPage(query);
  if (!page.ok) return page;
  const stages = readStages(query.stage, deps.stages);
  if (!stages.ok) return stages;
  const { consumer, state } = query;
  const filter = {
    stages: stages.value,
    by,
    ...(consumer !== undefined && { consumer }),
    ...(state !== undefined && { states: [state] }),
  };
  return succeed(toListed(await deps.ledgerQueries.listTriggers(filter, page.value), query));
}

function toKey({ consumer, state, scan }: TriggersQuery): TriggerKey | undefined {
  // What waits is few and has indexes of its own.
  if (state === 'pending' || state === 'dispatching') return { kind: 'unsent' };
  if (state === 'held' || state === 'refused') return { kind: state };
  if (consumer !== undefined) return { kind: 'consumer', consumer };
  return scan ? { kind: 'scan' } : undefined;
}

/** Verdicts of one subscription, newest first. @throws RetryableError */
export async function queryVerdicts(query: VerdictsQuery, deps: QueryLedgerDeps): Promise<Outcome<Listed<Verdict>>> {
  const page = readPage(query);
  if (!page.ok) return page;
  const stages = readStages(query.stage, deps.stages);
  if (!stages.ok) return stages;
  const { subscription, outcome, from, to } = query;
  const filter = {
    stages: stages.value,
    subscription,
    ...(outcome !== undefined && { outcome }),
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { beforeMs: Date.parse(to) }),
  };
  return succeed(toListed(await deps.ledgerQueries.listVerdicts(filter, page.value), query));
}
