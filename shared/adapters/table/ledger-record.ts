import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { Verdict } from '../../contracts/verdict.js';
import type { Decision } from '../../domain/decision.js';
import { type RecordOutcome, toFirstState } from '../../ports/ledger.js';
import { adjust, adjustByRange } from './ledger-adjust.js';
import { findEntry } from './ledger-entry.js';
import { toDecisionActions, toSharedKeys, toTriggerRowKey } from './ledger-rows.js';
import { findRow, groupBy, raced, toTransactions, transact, untilApplied } from './requests.js';
import { isPaged, toPagedActions } from './unsent-pages.js';
import { readVerdict } from './verdict-reads.js';
import { toVerdictPartition, toVerdictRowKey, type VerdictKey } from './verdict-rows.js';

/** A transaction has room for the row that lists its unsent triggers. */
const pageActions = 1;

interface Unit {
  readonly decision: Decision;
  readonly index: number;
  readonly partitionKey: string;
}

interface Insertion extends Unit {
  readonly actions: TransactionAction[];
}

/**
 * Record decisions: one transaction per partition when nothing was decided before. A refused transaction is taken
 * apart and each decision that met a row is settled by reading what stands.
 */
export async function recordDecisions(
  table: TableClient,
  decisions: readonly Decision[],
  buckets: number,
): Promise<RecordOutcome[]> {
  const outcomes: RecordOutcome[] = new Array<RecordOutcome>(decisions.length);
  const units = decisions.map((decision, index) => {
    return { decision, index, partitionKey: toVerdictPartition(decision.verdict, buckets) };
  });
  const partitions = [...groupBy(units, (unit) => unit.partitionKey).values()];
  await Promise.all(partitions.map((partition) => recordPartition(table, partition, outcomes)));
  return outcomes;
}

/** A row may occur once in a transaction: decisions that share one are settled in later rounds. */
async function recordPartition(table: TableClient, units: readonly Unit[], outcomes: RecordOutcome[]): Promise<void> {
  const seen = new Set<string>();
  const firsts: Unit[] = [];
  const rest: Unit[] = [];
  for (const unit of units) {
    const keys = toSharedKeys(unit.decision);
    const repeated = keys.some((key) => seen.has(key));
    (repeated ? rest : firsts).push(unit);
    for (const key of keys) seen.add(key);
  }
  await recordFirsts(table, firsts, outcomes);
  if (rest.length > 0) await recordPartition(table, rest, outcomes);
}

async function recordFirsts(table: TableClient, units: readonly Unit[], outcomes: RecordOutcome[]): Promise<void> {
  const replayed = units.length > 1 && units.every(({ decision }) => decision.verdict.replay !== undefined);
  const settled = replayed
    ? [settleReplayed(table, units, outcomes)]
    : toTransactions(units.map(toInsertion), pageActions).map((group) => insertGroup(table, group, outcomes));
  const left = (await Promise.all(settled)).flat();
  // No two units share a row, so they may be settled side by side.
  await Promise.all(
    left.map(async ({ index, decision, partitionKey }) => {
      const propose = async (): Promise<Proposal> => ({ decision, extra: [] });
      outcomes[index] = await settleDecision(table, partitionKey, decision.verdict, propose);
    }),
  );
}

function toInsertion(unit: Unit): Insertion {
  const { decision, partitionKey } = unit;
  return { ...unit, actions: toDecisionActions(decision, partitionKey, { isPaged: isPaged(decision) }) };
}

/** Write all at once. Gives back the units that are left when a row stood in the way of one of them. */
async function insertGroup(
  table: TableClient,
  units: readonly Insertion[],
  outcomes: RecordOutcome[],
): Promise<Unit[]> {
  const { actions, page } = toPagedActions(units);
  const answer = await transact(table, actions);
  if (answer.applied) {
    for (const unit of units) outcomes[unit.index] = toRecorded(unit.decision, answer.etags, page);
    return [];
  }
  if (units.length === 1) return [...units];
  const left = await Promise.all(units.map((unit) => insertGroup(table, [unit], outcomes)));
  return left.flat();
}

/**
 * A replay meets rows of the live decisions nearly always, and its own verdicts nearly never: those rows are read and
 * what becomes of all decisions is written together. Gives back the units where something else stood in the way.
 */
async function settleReplayed(table: TableClient, units: readonly Unit[], outcomes: RecordOutcome[]): Promise<Unit[]> {
  const partitionKey = units[0]?.partitionKey ?? '';
  const ranged = await adjustByRange(
    table,
    partitionKey,
    units.map(({ decision }) => decision),
  );
  const adjusted = await Promise.all(
    units.map(async (unit, index) => {
      const { settled, taken } = ranged[index] ?? (await adjust(table, partitionKey, unit.decision));
      return { unit, settled, actions: toDecisionActions(settled, partitionKey, { taken }) };
    }),
  );
  const left = toTransactions(adjusted).map(async (group) => {
    const actions = group.flatMap((each) => each.actions);
    const answer = await transact(table, actions);
    if (!answer.applied) return group.map(({ unit }) => unit);
    for (const { unit, settled } of group) outcomes[unit.index] = toSettled(settled, answer.etags);
    return [];
  });
  return (await Promise.all(left)).flat();
}

/** What a decision left that was adjusted to the rows it met. */
function toSettled(settled: Decision, etags: ReadonlyMap<string, string>, page?: string): RecordOutcome {
  if (settled.verdict.outcome === 'same-vector') return { kind: 'same-vector', verdict: settled.verdict };
  return toRecorded(settled, etags, page);
}

/** What a decision left in the ledger when its transaction, with the page of that, was applied. */
export function toRecorded(decision: Decision, etags: ReadonlyMap<string, string>, page?: string): RecordOutcome {
  const { verdict, trigger } = decision;
  if (trigger === undefined) return { kind: 'recorded', verdict };
  const etag = etags.get(toTriggerRowKey(trigger.triggerId)) ?? '';
  const entry = { trigger, ...toFirstState(decision), pendingSince: trigger.decidedAt, etag };
  const listed = page !== undefined && isPaged(decision) ? { unsentPage: page } : {};
  return { kind: 'recorded', verdict, entry: { ...entry, ...listed } };
}

type Proposal = { readonly decision: Decision; readonly extra: readonly TransactionAction[] };

/**
 * Store one decision against whatever is there: the verdict that stands, a trigger of the same vector, a retraction of
 * one of its snapshots. `propose` reads what else the decision depends on, and is asked again after each race.
 */
export async function settleDecision(
  table: TableClient,
  partitionKey: string,
  verdictKey: VerdictKey & Pick<Verdict, 'verdictId'>,
  propose: () => Promise<Proposal>,
): Promise<RecordOutcome> {
  return untilApplied(`what verdict ${verdictKey.verdictId} met`, async () => {
    const standing = await findRow(table, partitionKey, toVerdictRowKey(verdictKey));
    if (standing) return withEntry(table, await readVerdict(table, standing), partitionKey);
    const { decision, extra } = await propose();
    const { settled, taken } = await adjust(table, partitionKey, decision);
    const own = toDecisionActions(settled, partitionKey, { taken, isPaged: isPaged(settled) });
    const { actions, page } = toPagedActions([{ decision: settled, partitionKey, actions: own }]);
    const answer = await transact(table, [...actions, ...extra]);
    return answer.applied ? toSettled(settled, answer.etags, page) : raced;
  });
}

async function withEntry(table: TableClient, verdict: Verdict, partitionKey: string): Promise<RecordOutcome> {
  if (verdict.outcome === 'same-vector' || verdict.triggerId === undefined) return { kind: 'stands', verdict };
  const entry = await findEntry(table, partitionKey, verdict.triggerId);
  return entry ? { kind: 'stands', verdict, entry } : { kind: 'stands', verdict };
}
