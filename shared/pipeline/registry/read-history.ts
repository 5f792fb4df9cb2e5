import type { Signal } from '../../contracts/signal.js';
import type { SignalQueries } from '../../ports/signal-queries.js';

/** Time read in one go: enough to make few queries, little enough to hold in memory. */
const stepMs = 6 * 3_600_000;
const perPage = 1_000;

/** Part of a stage's history: received at or after `fromMs` and before `beforeMs`. */
interface Span {
  readonly stage: string;
  readonly fromMs: number;
  readonly beforeMs: number;
}

/** Signals of a span in the order they were received, whichever bucket they lie in. @throws RetryableError */
export async function* readHistory(span: Span, queries: Pick<SignalQueries, 'list'>): AsyncIterable<Signal> {
  for (let fromMs = span.fromMs; fromMs < span.beforeMs; fromMs += stepMs) {
    const beforeMs = Math.min(fromMs + stepMs, span.beforeMs);
    const signals = await readAll({ ...span, fromMs, beforeMs }, queries);
    yield* signals.sort(byReceipt);
  }
}

async function readAll({ stage, ...times }: Span, queries: Pick<SignalQueries, 'list'>): Promise<Signal[]> {
  const signals: Signal[] = [];
  for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
    const filter = { stages: [stage], by: { kind: 'time' }, ...times } as const;
    const page = await queries.list(filter, { limit: perPage, ...(after !== undefined && { after }) });
    signals.push(...page.items);
    after = page.after;
  }
  return signals;
}

function byReceipt(a: Signal, b: Signal): number {
  return Date.parse(a.receivedAt) - Date.parse(b.receivedAt) || (a.signalId < b.signalId ? -1 : 1);
}
