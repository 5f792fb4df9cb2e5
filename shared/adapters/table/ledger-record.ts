import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { Verdict } from '../../contracts/verdict.js';
import { RetryableError } from '../../ports/errors.js';
import type { Decision, LedgerEntry, RecordOutcome } from '../../ports/ledger.js';
import {
  fromTriggerRow,
  fromVerdictRow,
  toDecisionActions,
  toTriggerRowKey,
  toVerdictPartition,
  toVerdictRow,
  toVerdictRowKey,
} from './ledger-rows.js';
import { findRow, groupBy, insertIfAbsent, toTransactions, transact } from './requests.js';

interface Unit {
  readonly decision: Decision;
  readonly index: number;
  readonly partitionKey: string;
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
    const partitionKey = toVerdictPartition(decision.verdict, buckets);
    return { decision, index, partitionKey, actions: toDecisionActions(decision, partitionKey) };
  });
  const partitions = [...groupBy(units, (unit) => unit.partitionKey).values()];
  await Promise.all(partitions.map((partition) => recordPartition(table, partition, outcomes)));
  return outcomes;
}

/** A row may occur once in a transaction: decisions that share a vector or a verdict are settled in later rounds. */
async function recordPartition(table: TableClient, units: readonly Unit[], outcomes: RecordOutcome[]): Promise<void> {
  const seen = new Set<string>();
  const firsts: Unit[] = [];
  const rest: Unit[] = [];
  for (const unit of units) {
    const keys = [toVerdictRowKey(unit.decision.verdict), unit.decision.trigger?.triggerId ?? ''].filter(Boolean);
    const repeated = keys.some((key) => seen.has(key));
    (repeated ? rest : firsts).push(unit);
    for (const key of keys) seen.add(key);
  }
  for (const group of toTransactions(firsts)) await recordGroup(table, group, outcomes);
  if (rest.length > 0) await recordPartition(table, rest, outcomes);
}

async function recordGroup(table: TableClient, units: readonly Unit[], outcomes: RecordOutcome[]): Promise<void> {
  const answer = await transact(
    table,
    units.flatMap((unit) => unit.actions),
  );
  if (answer.applied) {
    for (const unit of units) outcomes[unit.index] = toRecorded(unit.decision, answer.etags);
  } else if (units.length > 1) {
    for (const unit of units) await recordGroup(table, [unit], outcomes);
  } else {
    for (const unit of units) outcomes[unit.index] = await settle(table, unit);
  }
}

function toRecorded({ verdict, trigger }: Decision, etags: ReadonlyMap<string, string>): RecordOutcome {
  if (trigger === undefined) return { kind: 'recorded', verdict };
  const etag = etags.get(toTriggerRowKey(trigger.triggerId)) ?? '';
  return { kind: 'recorded', verdict, entry: { trigger, state: 'pending', pendingSince: trigger.decidedAt, etag } };
}

async function settle(table: TableClient, unit: Unit): Promise<RecordOutcome> {
  const { decision, partitionKey } = unit;
  const standing = await findVerdict(table, unit);
  if (standing) return withEntry(table, standing, partitionKey);
  const entry = decision.trigger && (await findEntry(table, partitionKey, decision.trigger.triggerId));
  if (!entry) throw new RetryableError(`verdict ${decision.verdict.verdictId} met a row that cannot be read`);
  const firstEventId = entry.trigger.inputs[0]?.eventId ?? '';
  const verdict: Verdict = { ...decision.verdict, outcome: 'same-vector', firstEventId };
  if (await insertIfAbsent(table, toVerdictRow(verdict, partitionKey))) return { kind: 'same-vector', verdict };
  const raced = await findVerdict(table, unit);
  if (!raced) throw new RetryableError(`verdict ${verdict.verdictId} was reported present but cannot be read`);
  return withEntry(table, raced, partitionKey);
}

async function withEntry(table: TableClient, verdict: Verdict, partitionKey: string): Promise<RecordOutcome> {
  if (verdict.outcome !== 'matched' || verdict.triggerId === undefined) return { kind: 'stands', verdict };
  const entry = await findEntry(table, partitionKey, verdict.triggerId);
  return entry ? { kind: 'stands', verdict, entry } : { kind: 'stands', verdict };
}

async function findVerdict(table: TableClient, { decision, partitionKey }: Unit): Promise<Verdict | undefined> {
  const row = await findRow(table, partitionKey, toVerdictRowKey(decision.verdict));
  return row && fromVerdictRow(row);
}

async function findEntry(
  table: TableClient,
  partitionKey: string,
  triggerId: string,
): Promise<LedgerEntry | undefined> {
  const row = await findRow(table, partitionKey, toTriggerRowKey(triggerId));
  return row && fromTriggerRow(row);
}
