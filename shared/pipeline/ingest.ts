import type { QuarantineRecord } from '../contracts/quarantine-record.js';
import type { NormalizeMessage } from '../contracts/stage-messages.js';
import { type DecodedEvent, decodeEvent } from '../domain/decode/decode-event.js';
import { toContentHash, toEventIdentity } from '../domain/identity.js';
import { toSafeText } from '../domain/safe-text.js';
import { readSignature } from '../domain/signature.js';
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
    const outcome = decodeOne(event, receivedAt);
    if ('reason' in outcome) quarantined.push(outcome);
    else passedOn.push(outcome);
  }
  await Promise.all([
    quarantined.length > 0 && deps.quarantine.put(quarantined),
    passedOn.length > 0 && deps.queues.toNormalize(passedOn),
  ]);
  return { passedOn: passedOn.length, quarantined: quarantined.length };
}

/** A fault of ours in decoding one event must not hold its batch back for ever: the event waits in quarantine (P6). */
function decodeOne(event: HubEvent, receivedAt: string): NormalizeMessage | QuarantineRecord {
  try {
    const decoded = decodeEvent(event.body, event.properties);
    if (decoded.ok) return toNormalizeMessage(event, decoded, receivedAt);
    return toQuarantineRecord(event, decoded, receivedAt);
  } catch (fault) {
    const message = `Outport could not decode this event (${String(fault).slice(0, 500)}); report it, then resubmit`;
    const problems = [{ path: '$', message: toSafeText(message) }];
    return toQuarantineRecord(event, { ok: false, reason: 'decode-fault', problems, clues: {} }, receivedAt);
  }
}

/** What ingest hands on for one valid event. */
export function toNormalizeMessage(
  { body, properties, origin }: HubEvent,
  { event, traceparent }: DecodedEvent & { ok: true },
  receivedAt: string,
): NormalizeMessage {
  const signature = readSignature(properties, body);
  const producer = event.eventType === 'TriggerReceipt' ? event.consumer : event.producer.dataProduct;
  const identity = toEventIdentity(producer, event.eventId);
  return {
    kind: 'normalize',
    event,
    signalId: identity.signalId,
    contentHash: toContentHash(event),
    origin,
    receivedAt,
    traceparent: traceparent ?? identity.traceparent,
    ...(signature && { signature }),
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
