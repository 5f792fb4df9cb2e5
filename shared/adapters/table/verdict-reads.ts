import type { TableClient } from '@azure/data-tables';
import { Verdict } from '../../contracts/verdict.js';
import { TerminalError } from '../../ports/errors.js';
import { fromJsonColumns } from './json-column.js';
import { findEntry } from './ledger-entry.js';
import { findRow, type Row } from './requests.js';
import { toMadePrefix } from './verdict-rows.js';
import { listNames, type Range, type Walked } from './walk.js';

/** The verdict in its row, with the answers that its trigger's row has. @throws RetryableError | TerminalError | ZodError */
export async function readVerdict(table: TableClient, row: Row): Promise<Verdict> {
  const stored = StoredVerdict.parse(fromJsonColumns('Verdict', row));
  if (stored.gates !== undefined) return { ...stored, gates: stored.gates };
  const entry = await findEntry(table, String(row.partitionKey), stored.triggerId ?? '');
  if (entry === undefined) throw new TerminalError(`verdict ${stored.verdictId} is there without its trigger`);
  return { ...stored, gates: entry.trigger.evidence.gates };
}

const StoredVerdict = Verdict.partial({ gates: true });

/** The verdicts that index rows lead to, in their order. @throws RetryableError | TerminalError | ZodError */
export async function readVerdictsOf(table: TableClient, walked: readonly Walked[]): Promise<Verdict[]> {
  const rows = await Promise.all(
    walked.map(({ partition, row }) => findRow(table, partition, String(row['VerdictAt']))),
  );
  return Promise.all(rows.filter((row) => row !== undefined).map((row) => readVerdict(table, row)));
}

/**
 * Where the triggers of a consumer are indexed, newest first: a range for each of its subscriptions that has made one.
 * The registry refuses a subscription whose key names another consumer. @throws RetryableError | TerminalError
 */
export async function findMadeRanges(
  table: TableClient,
  consumer: string,
  partitions: readonly string[],
): Promise<Range[]> {
  const own = `${consumer.replace(/^dp/, 'sub')}.`;
  const found = partitions.map(async (partition) => {
    const names = await listNames(table, partition, `made!${own}`);
    return names.map((name) => ({ partition, prefix: toMadePrefix(own + name) }));
  });
  return (await Promise.all(found)).flat();
}
