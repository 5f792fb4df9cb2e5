import type { QuarantineRecord } from '../contracts/quarantine-record.js';
import type { NormalizeMessage } from '../contracts/stage-messages.js';
import { type DecodedEvent, decodeEvent } from '../domain/decode/decode-event.js';
import { toContentHash, toSignalId, toTraceparent } from '../domain/identity.js';
import type { Clock } from '../ports/clock.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { StageQueues } from '../ports/stage-queues.js';
import type { HubEvent } from './hub-event.js';

export interface IngestDeps {
  readonly quarantine: QuarantineStore;
  readonly queues: Pick<StageQueues, 'toNormalize'>;
  readonly clock: Clock;
}

/** How many events of a batch went where. */
export interface IngestCounts {
  readonly passedOn: number;
  readonly quarantined: number;
}

/**
 * Decode a batch; hand valid events on, quarantine the rest.
 *
 * Resolves only when every event is in the normalize queue or in quarantine, so a checkpoint behind it loses nothing
 * (P1). @throws RetryableError when either cannot be written; the whole batch may then be offered again
 */
export async function ingest(events: readonly HubEvent[], deps: IngestDeps): Promise<IngestCounts> {
  const receivedAt = new Date(deps.clock.nowMs()).toISOString();
  const passedOn: NormalizeMessage[] = [];
  const quarantined: QuarantineRecord[] = [];
  for (const event of events) {
    const decoded = decodeEvent(event.body, event.properties);
    if (decoded.ok) passedOn.push(toNormalizeMessage(event, decoded, receivedAt));
    else quarantined.push(toQuarantineRecord(event, decoded, receivedAt));
  }
  await Promise.all([
    quarantined.length > 0 && deps.quarantine.put(quarantined),
    passedOn.length > 0 && deps.queues.toNormalize(passedOn),
  ]);
  return { passedOn: passedOn.length, quarantined: quarantined.length };
}

function toNormalizeMessage(
  { origin }: HubEvent,
  { event, traceparent }: DecodedEvent & { ok: true },
  receivedAt: string,
): NormalizeMessage {
  const producer = event.eventType === 'TriggerReceipt' ? event.consumer : event.producer.dataProduct;
  return {
    kind: 'normalize',
    event,
    contentHash: toContentHash(event),
    origin,
    receivedAt,
    traceparent: traceparent ?? toTraceparent(toSignalId(producer, event.eventId)),
  };
}

function toQuarantineRecord(
  { body, origin }: HubEvent,
  { reason, problems, clues }: DecodedEvent & { ok: false },
  receivedAt: string,
): QuarantineRecord {
  const bodyBase64 = Buffer.from(body).toString('base64');
  return { reason, problems, bodyBase64, origin, receivedAt, quarantinedAt: receivedAt, ...clues };
}
