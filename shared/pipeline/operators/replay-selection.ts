import type { ReplaySelection } from '../../contracts/replay-job.js';
import type { Signal } from '../../contracts/signal.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { Page, PageRequest } from '../../ports/page.js';
import type { QuarantineDesk } from '../../ports/quarantine-desk.js';
import type { SignalQueries } from '../../ports/signal-queries.js';
import type { SignalStore } from '../../ports/signal-store.js';
import { toQuarantineFilter } from './query-quarantine.js';

export interface SelectionDeps {
  readonly signals: Pick<SignalStore, 'findByEventId'>;
  readonly signalQueries: Pick<SignalQueries, 'listByWatermark' | 'listRetractions' | 'countByWatermark'>;
  readonly quarantineDesk: Pick<QuarantineDesk, 'list'>;
}

/** A part of a selection: signals to decide again, or ids of quarantined records to send again. */
export interface Slice {
  readonly signals: readonly Signal[];
  readonly quarantineIds: readonly string[];
  /** Absent when this was the last part. */
  readonly after?: string;
}

type SignalSelection = Extract<ReplaySelection, { kind: 'port' | 'subscription' }>;

/** The next part of a selection, oldest snapshot first. @throws RetryableError */
export async function readSlice(
  selection: ReplaySelection,
  page: PageRequest,
  context: { registry: CompiledRegistry; deps: SelectionDeps },
): Promise<Slice> {
  const { registry, deps } = context;
  switch (selection.kind) {
    case 'signal':
      return { signals: await deps.signals.findByEventId(selection.eventId), quarantineIds: [] };
    case 'port':
    case 'subscription':
      return readPorts(toWatermarkQueries(selection, registry), page, deps);
    case 'quarantine': {
      const found = await listOpen(selection, page, deps);
      return { ...found, signals: [], quarantineIds: found.items };
    }
    default:
      return selection satisfies never;
  }
}

/** How many signals or records a selection has now. @throws RetryableError */
export async function countSelection(
  selection: ReplaySelection,
  context: { registry: CompiledRegistry; deps: SelectionDeps },
): Promise<number> {
  const { registry, deps } = context;
  switch (selection.kind) {
    case 'signal':
      return (await deps.signals.findByEventId(selection.eventId)).length;
    case 'port':
    case 'subscription': {
      const queries = toWatermarkQueries(selection, registry);
      const counts = await Promise.all(queries.map((query) => deps.signalQueries.countByWatermark(query)));
      return counts.reduce((sum, count) => sum + count, 0);
    }
    case 'quarantine':
      return (await listOpen(selection, { limit: 10_000 }, deps)).items.length;
    default:
      return selection satisfies never;
  }
}

async function listOpen(
  selection: Extract<ReplaySelection, { kind: 'quarantine' }>,
  page: PageRequest,
  deps: SelectionDeps,
): Promise<Page<string>> {
  const { items, ...next } = await deps.quarantineDesk.list({ ...toQuarantineFilter(selection), state: 'open' }, page);
  return { items: items.map(({ id }) => id), ...next };
}

/**
 * One port after the other, by key; the place to go on behind is a port and a key within it. By name, because another
 * registry version may list other ports for the same subscription.
 */
async function readPorts(
  queries: readonly WatermarkQuery[],
  { limit, after }: PageRequest,
  { signalQueries }: SelectionDeps,
): Promise<Slice> {
  const [port = '', within = ''] = after?.split('|') ?? [];
  const [query, next] = queries.filter((each) => each.port >= port);
  if (query === undefined) return { signals: [], quarantineIds: [] };
  const behind = within === '' || query.port !== port ? {} : { after: within };
  const page = await signalQueries.listByWatermark(query, { limit, ...behind });
  const read = { signals: page.items, quarantineIds: [] };
  if (page.after !== undefined) return { ...read, after: `${query.port}|${page.after}` };
  return next === undefined ? read : { ...read, after: `${next.port}|` };
}

type WatermarkQuery = Parameters<SignalQueries['listByWatermark']>[0];

function toWatermarkQueries(selection: SignalSelection, registry: CompiledRegistry): WatermarkQuery[] {
  const { fromWatermark, toWatermark } = selection;
  const bounds = {
    ...(fromWatermark !== undefined && { fromMs: Date.parse(fromWatermark) }),
    ...(toWatermark !== undefined && { toMs: Date.parse(toWatermark) }),
  };
  if (selection.kind === 'port') return [{ stage: selection.stage, port: selection.port, ...bounds }];
  const subscription = registry.subscriptions.get(selection.subscription);
  if (subscription === undefined) return [];
  const ports = [...new Set([...subscription.inputs.values()].map(({ input }) => input.port))].sort();
  return ports.map((port) => ({ stage: subscription.entry.stage, port, ...bounds }));
}
