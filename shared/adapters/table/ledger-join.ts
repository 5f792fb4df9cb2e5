import type { TableClient, TransactionAction } from '@azure/data-tables';
import { InputSet } from '../../contracts/input-set.js';
import type { SetArrival } from '../../domain/input-set/arrival.js';
import type { RecordOutcome } from '../../ports/ledger.js';
import { fromJsonColumns, toJsonColumns } from './json-column.js';
import { toPartitionOf } from './keys.js';
import { settleDecision, toRecorded } from './ledger-record.js';
import { toDecisionActions } from './ledger-rows.js';
import { findRow, groupBy, type Row, toWrite, transact } from './requests.js';

interface Unit {
  readonly arrival: SetArrival;
  readonly index: number;
}

interface Place {
  readonly partitionKey: string;
  readonly rowKey: string;
}

const maxActions = 100;

/** Row key of a subscription's set. */
export const toSetRowKey = (subscription: string, set: string): string => `set!${subscription}!${set}`;

/**
 * Bring arrivals to their sets: a read and one transaction per set when nothing of it was decided before. Sets are
 * independent of each other; the arrivals of one go in order.
 */
export async function joinSets(
  table: TableClient,
  arrivals: readonly SetArrival[],
  buckets: number,
): Promise<RecordOutcome[]> {
  const outcomes: RecordOutcome[] = new Array<RecordOutcome>(arrivals.length);
  const units = arrivals.map((arrival, index) => ({ arrival, index }));
  const sets = groupBy(units, ({ arrival: { stage, subscription, set } }) =>
    JSON.stringify([stage, subscription, set]),
  );
  await Promise.all([...sets.values()].map((set) => joinSet(table, set, { buckets, outcomes })));
  return outcomes;
}

async function joinSet(
  table: TableClient,
  units: readonly Unit[],
  { buckets, outcomes }: { buckets: number; outcomes: RecordOutcome[] },
): Promise<void> {
  const [first] = units;
  if (first === undefined) return;
  const { stage, subscription, set } = first.arrival;
  const place = { partitionKey: toPartitionOf(stage, subscription, buckets), rowKey: toSetRowKey(subscription, set) };
  if (await joinTogether(table, units, { place, outcomes })) return;
  for (const { arrival, index } of units) {
    outcomes[index] = await settleDecision(table, place.partitionKey, arrival.verdict, async () => {
      const row = await findRow(table, place.partitionKey, place.rowKey);
      const step = arrival.advance(fromSetRow(row));
      return { decision: step.decision, extra: [toSetAction(step.set, place, row)] };
    });
  }
}

/** All arrivals in one transaction; `false` when they do not fit or a row was in the way. */
async function joinTogether(
  table: TableClient,
  units: readonly Unit[],
  { place, outcomes }: { place: Place; outcomes: RecordOutcome[] },
): Promise<boolean> {
  const row = await findRow(table, place.partitionKey, place.rowKey);
  let set = fromSetRow(row);
  const steps = units.map(({ arrival, index }) => {
    const step = arrival.advance(set);
    set = step.set;
    return { index, decision: step.decision };
  });
  if (set === undefined) return true;
  const actions = steps.flatMap(({ decision }) => toDecisionActions(decision, place.partitionKey));
  const keys = new Set(actions.map(([, { rowKey }]) => rowKey));
  if (actions.length >= maxActions || keys.size < actions.length) return false;
  const answer = await transact(table, [...actions, toSetAction(set, place, row)]);
  if (!answer.applied) return false;
  for (const { index, decision } of steps) outcomes[index] = toRecorded(decision, answer.etags);
  return true;
}

/** The set a row holds; undefined without one. */
export function fromSetRow(row: Row | undefined): InputSet | undefined {
  return row && InputSet.parse(fromJsonColumns('Set', row));
}

/** The write of a set that replaces the row it was read from, or makes the first. */
export function toSetAction(set: InputSet, place: Place, before: Row | undefined): TransactionAction {
  const row = { ...place, Fired: set.fired !== undefined, ...toJsonColumns('Set', set) };
  return toWrite(row, before);
}
