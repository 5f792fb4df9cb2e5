import type { HubEvent } from '../../../shared/pipeline/hub-event.js';
import type { QuarantineRecord } from '../../../shared/contracts/quarantine-record.js';
import { sealedEvent } from '../../fixtures/events.js';
import { openMemoryWorld } from '../memory-world.js';
import { badInputRegistry } from './base-events.js';
import type { BuiltSent } from './build-sent.js';

/** Where one event ended, and whether the good event behind it in the same batch came through. */
export interface CaseEnd {
  readonly outcome: 'signal' | 'duplicate' | 'quarantined' | 'nowhere' | 'in-several-places';
  readonly records: readonly QuarantineRecord[];
  readonly neighbourFired: boolean;
}

/** Where the hub read the events of a test. */
const hub = { hub: 'readiness-events', partition: '0', enqueuedAt: '2026-03-11T02:00:00.000Z' };

export function toHubEvent({ body, properties }: BuiltSent, sequence: number): HubEvent {
  return { body, properties, origin: { ...hub, sequenceNumber: String(sequence), offset: String(sequence * 100) } };
}

/** A good event that fires a trigger. */
export const neighbour: BuiltSent = {
  body: Buffer.from(JSON.stringify(sealedEvent({ eventId: 'good', snapshot: { watermark: '2026-03-01T12:00:00Z' } }))),
  properties: {},
};

/** Run `before` one batch at a time, then the event with a good one behind it, through the whole pipeline. */
export async function runCase(sent: BuiltSent, before: readonly BuiltSent[] = []): Promise<CaseEnd> {
  const world = await openMemoryWorld(badInputRegistry());
  for (const [index, each] of before.entries()) {
    await world.ingest([toHubEvent(each, index)]);
    await world.drain();
  }
  const sequence = before.length;
  await world.ingest([toHubEvent(sent, sequence), toHubEvent(neighbour, sequence + 1)]);
  await world.drain();

  const isOurs = ({ origin }: { origin: { sequenceNumber: string } }): boolean =>
    origin.sequenceNumber === String(sequence);
  const records = (await world.quarantine.list({ limit: 100 })).filter(isOurs);
  const signals = await listSignals(world);
  const duplicates = (await Promise.all(signals.map((signal) => world.signals.listDuplicates(signal)))).flat();
  const places = [
    ...signals.filter(isOurs).map(() => 'signal' as const),
    ...duplicates.filter((origin) => isOurs({ origin })).map(() => 'duplicate' as const),
    ...records.map(() => 'quarantined' as const),
  ];
  const [outcome = 'nowhere'] = places;
  return {
    outcome: places.length > 1 ? 'in-several-places' : outcome,
    records,
    neighbourFired: world.topic.sent.some(({ inputs }) => inputs[0]?.eventId === 'good'),
  };
}

/** Every signal of the test registry's ports. */
export async function listSignals(world: Awaited<ReturnType<typeof openMemoryWorld>>) {
  const ports = badInputRegistry().ports.map(({ key }) => key);
  const wanted = ports.flatMap((port) => ['dev', 'prod'].map((stage) => ({ stage, port, limit: 100 })));
  return (await Promise.all(wanted.map((query) => world.signals.listByPort(query)))).flat();
}
