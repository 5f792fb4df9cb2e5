import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { SignalsQuery } from '../../contracts/api/queries.js';
import type { Signal } from '../../contracts/signal.js';
import type { SignalFilter, SignalKey, SignalQueries } from '../../ports/signal-queries.js';
import { type Listed, readPage, readStages, toListed } from './paging.js';

export interface QuerySignalsDeps {
  readonly signalQueries: SignalQueries;
  readonly stages: readonly string[];
}

/** Signals by the narrowest key the query names, newest receipt first. @throws RetryableError */
export async function querySignals(query: SignalsQuery, deps: QuerySignalsDeps): Promise<Outcome<Listed<Signal>>> {
  const key = toKey(query);
  const refusal = checkScan(query, key);
  if (refusal) return refusal;
  const page = readPage(query);
  if (!page.ok) return page;
  const stages = readStages(query.stage, deps.stages);
  if (!stages.ok) return stages;
  const filter = toFilter(query, key, stages.value);
  const found = await deps.signalQueries.list(filter, page.value);
  const items = found.items.filter((signal) => isAsked(signal, query));
  return succeed(toListed({ ...found, items }, query));
}

function toKey({ eventId, correlationId, port, producer }: SignalsQuery): SignalKey {
  if (eventId !== undefined) return { kind: 'event', eventId };
  if (correlationId !== undefined) return { kind: 'correlation', correlationId };
  if (port !== undefined) return { kind: 'port', port };
  if (producer !== undefined) return { kind: 'producer', producerDp: producer };
  return { kind: 'time' };
}

/** Quality has no index of its own: it filters a walk, and one over all ports without a beginning is over everything. */
function checkScan({ quality, from, scan }: SignalsQuery, { kind }: SignalKey): ReturnType<typeof refuse> | undefined {
  const isShort = kind !== 'time' && kind !== 'producer';
  if (quality === undefined || from !== undefined || isShort || scan) return undefined;
  return refuse(
    'needs-scan',
    'quality without a start time walks every signal ever stored',
    'give a start time (from), or say that you mean it (scan)',
  );
}

function toFilter({ from, to, quality }: SignalsQuery, by: SignalKey, stages: readonly string[]): SignalFilter {
  return {
    stages,
    by,
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { beforeMs: Date.parse(to) }),
    ...(quality !== undefined && { quality }),
  };
}

/** The members that the key did not cover. */
function isAsked(signal: Signal, { port, producer, correlationId }: SignalsQuery): boolean {
  if (port !== undefined && signal.outputPortKey !== port) return false;
  if (producer !== undefined && signal.producerDp !== producer) return false;
  return correlationId === undefined || signal.correlationId === correlationId;
}
