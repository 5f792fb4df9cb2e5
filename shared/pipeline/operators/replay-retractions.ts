import type { ReplayJob } from '../../contracts/replay-job.js';
import type { Signal } from '../../contracts/signal.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { PortWish } from '../../domain/port-wish.js';
import { toSnapshotTimeMs } from '../../domain/watermark.js';
import type { SignalQueries } from '../../ports/signal-queries.js';
import { toConcernedWishes } from '../retract.js';
import type { Slice } from './replay-selection.js';
import { isRetraction } from '../../domain/retraction.js';

/** Retractions of one snapshot time; one beyond is applied in its own slice, and takes back what went before. */
const lookAhead = 500;

/**
 * Retractions to apply before a slice is decided, so that a subscription which is newer than they are does not fire for
 * what they took back: the slice's own, and those of its last snapshot time that a later slice holds.
 * @throws RetryableError
 */
export async function readRetractions(
  { signals }: Slice,
  { kind }: ReplayJob['selection'],
  { signalQueries }: { signalQueries: Pick<SignalQueries, 'listRetractions'> },
): Promise<Signal[]> {
  const edges = kind === 'signal' ? signals : signals.slice(-1);
  const behind = await Promise.all(
    edges.map((signal) => {
      const { stage, outputPortKey: port } = signal;
      return signalQueries.listRetractions({ stage, port, atMs: toSnapshotTimeMs(signal), limit: lookAhead });
    }),
  );
  const all = [...signals.filter(isRetraction), ...behind.flat()];
  return [...new Map(all.map((signal) => [`${signal.stage} ${signal.signalId}`, signal])).values()];
}

/** Whom a replay takes a snapshot back from: everybody concerned, or the one subscription it is for. */
export function toReplayedWishes(
  signal: Signal,
  registry: CompiledRegistry,
  { selection }: Pick<ReplayJob, 'selection'>,
): PortWish[] {
  const wishes = toConcernedWishes(signal, registry);
  if (selection.kind !== 'subscription') return wishes;
  return wishes.filter(({ subscription }) => subscription.entry.key === selection.subscription);
}
