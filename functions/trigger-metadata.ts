import type { HubEvent } from '../shared/pipeline/hub-event.js';

type Metadata = Readonly<Record<string, unknown>> | undefined;

/**
 * Pair the bodies of an Event Hubs batch with their metadata.
 *
 * The platform sends parallel arrays, and some hosts drop empty entries from string arrays; a batch whose arrays do not
 * line up must not be guessed at. @throws Error when lengths differ or members are missing
 */
export function toHubEvents(bodies: readonly unknown[], metadata: Metadata, hub: string): HubEvent[] {
  const column = (name: string): readonly unknown[] => {
    const values = metadata?.[name];
    if (Array.isArray(values) && values.length === bodies.length) return values;
    throw new Error(`trigger metadata "${name}" does not line up with the batch of ${bodies.length}`);
  };
  const partition = toPartition(metadata);
  const sequenceNumbers = column('sequenceNumberArray');
  const offsets = column('offsetStringArray');
  const enqueuedTimes = column('enqueuedTimeUtcArray');
  const properties = column('propertiesArray');
  return bodies.map((body, index) => ({
    body: toBytes(body),
    properties: isRecord(properties[index]) ? properties[index] : {},
    origin: {
      hub,
      partition,
      sequenceNumber: toSequenceNumber(sequenceNumbers[index]),
      offset: String(offsets[index]),
      enqueuedAt: toIsoTime(enqueuedTimes[index]),
    },
  }));
}

function toPartition(metadata: Metadata): string {
  const context = metadata?.['triggerPartitionContext'] ?? metadata?.['partitionContext'];
  if (isRecord(context) && typeof context['partitionId'] === 'string') return context['partitionId'];
  throw new Error('trigger metadata names no partition');
}

function toBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
}

/** Numbers, digits, or the Long-like `{low, high}` some worker versions deliver. */
function toSequenceNumber(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string') return String(value);
  if (isRecord(value) && typeof value['low'] === 'number' && typeof value['high'] === 'number') {
    return String((BigInt(value['high']) << 32n) | BigInt(value['low'] >>> 0));
  }
  throw new Error('trigger metadata holds a sequence number of an unknown form');
}

/** The platform writes UTC times without always saying so. */
function toIsoTime(value: unknown): string {
  const text = String(value);
  const zoned = /(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`;
  return new Date(zoned).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
