import type { EventsAccepted } from '../../contracts/api/operations.js';
import type { Problem } from '../../contracts/problem.js';
import { type DecodedEvent, decodeEvent } from '../../domain/decode/decode-event.js';
import type { EventPublisher } from '../../ports/event-publisher.js';

/** Bytes of one event with its transport properties (CloudEvents in binary mode). */
export interface IncomingEvent {
  readonly body: Uint8Array;
  readonly properties?: Readonly<Record<string, string>>;
}

/** All events are with the hub, or none was sent and every problem is named. */
export type PublishOutcome =
  | { readonly kind: 'accepted'; readonly accepted: EventsAccepted }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/**
 * Publish events for producers that cannot reach the hub themselves. What ingest would quarantine for its form is
 * refused here, where the producer still listens. @throws RetryableError | TerminalError
 */
export async function publishEvents(
  events: readonly IncomingEvent[],
  { publisher }: { readonly publisher: EventPublisher },
): Promise<PublishOutcome> {
  const decoded = events.map(({ body, properties }) => decodeEvent(body, properties ?? {}));
  const problems = decoded.flatMap((each, index) =>
    each.ok ? [] : toProblems(each, events.length > 1 ? index : undefined),
  );
  if (problems.length > 0) return { kind: 'refused', problems };
  const valid = decoded.filter((each) => each.ok);
  await publisher.publish(events.map((event, index) => ({ ...event, partitionKey: toPartitionKey(valid[index]) })));
  return { kind: 'accepted', accepted: { accepted: valid.length, eventIds: valid.map(({ event }) => event.eventId) } };
}

function toProblems({ problems, reason }: DecodedEvent & { ok: false }, index: number | undefined): Problem[] {
  const prefix = index === undefined ? '' : `[${index}].`;
  return problems.map(({ path, message }) => ({ path: prefix + path, message: `${message} (${reason})` }));
}

/** Events of one port keep their order: they share a partition. */
export function toPartitionKey(decoded: (DecodedEvent & { ok: true }) | undefined): string {
  if (decoded === undefined) return 'raw';
  const { event } = decoded;
  return event.eventType === 'TriggerReceipt' ? event.consumer : event.outputPort.key;
}
