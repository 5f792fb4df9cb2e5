import { decodeEvent } from '../../../shared/domain/decode/decode-event.js';
import { openMemoryWorld } from '../memory-world.js';
import { badInputRegistry } from './base-events.js';
import type { BuiltSent } from './build-sent.js';
import { listSignals, neighbour, toHubEvent } from './run-case.js';

/** For each event of a batch: every place it ended in, `signal`, `duplicate` or a reason code. */
export interface MutantEnds {
  readonly places: readonly (readonly string[])[];
  readonly neighbourFired: boolean;
}

/** Run a batch through the whole pipeline with one good event behind it. */
export async function runBatchOfMutants(batch: readonly BuiltSent[]): Promise<MutantEnds> {
  const world = await openMemoryWorld(badInputRegistry());
  await world.ingest([...batch, neighbour].map(toHubEvent));
  await world.drain();
  const places = batch.map((): string[] => []);
  const note = (sequenceNumber: string, place: string): void => void places[Number(sequenceNumber)]?.push(place);
  for (const { origin, reason } of await world.quarantine.list({ limit: 1_000 })) note(origin.sequenceNumber, reason);
  for (const signal of await listSignals(world)) {
    note(signal.origin.sequenceNumber, 'signal');
    for (const origin of await world.signals.listDuplicates(signal)) note(origin.sequenceNumber, 'duplicate');
  }
  const neighbourFired = world.topic.sent.some(({ inputs }) => inputs[0]?.eventId === 'good');
  return { places, neighbourFired };
}

/** Bytes that accepted events would take in the largest message made of them: the event and, as text, once more. */
export function readNormalizeSizes(batch: readonly BuiltSent[]): number[] {
  return batch.flatMap(({ body, properties }) => {
    const decoded = decodeEvent(body, properties);
    return decoded.ok ? [Buffer.byteLength(JSON.stringify({ signal: JSON.stringify(decoded.event) }))] : [];
  });
}
