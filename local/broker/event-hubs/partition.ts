import type { IncomingMessage } from '../amqp/message-codec.js';
import type { Journal } from '../journal/journal.js';
import type { JournalRecord } from '../journal/record.js';

/** One event in a partition's log. */
export interface StoredEvent {
  readonly sequenceNumber: number;
  readonly offset: string;
  readonly enqueuedAtMs: number;
  readonly partitionKey?: string;
  readonly wire: Pick<IncomingMessage, 'properties' | 'applicationProperties' | 'rest'>;
}

/** An event as the journal holds it. */
export interface EventOperation {
  readonly t: 'event';
  readonly h: string;
  readonly p: string;
  readonly s: number;
  readonly o: string;
  readonly at: number;
  readonly key?: string;
  readonly lengths: readonly [number, number, number];
}

/** How much of a partition is kept. */
export interface Retention {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/**
 * An append-only log. Sequence numbers start at 0 and have no gaps; offsets are byte positions as text. Old events are
 * dropped from the front when the retention is exceeded.
 */
export class Partition {
  private events: StoredEvent[] = [];
  private bytes = 0;
  private nextOffset = 0;
  private nextSequence = 0;

  constructor(
    readonly hub: string,
    readonly id: string,
    private readonly context: { journal: Journal; retention: Retention; nowMs: () => number; onAppend: () => void },
  ) {}

  /** Append events; resolves when the journal has them, and only then are they readable. */
  async append(messages: readonly IncomingMessage[], partitionKey: string | undefined): Promise<void> {
    const nowMs = this.context.nowMs();
    const stored = messages.map((message) => this.toEvent(message, nowMs, partitionKey));
    await Promise.all(stored.map((event) => this.write(event)));
    for (const event of stored) this.place(event);
    this.trim(nowMs);
    this.context.onAppend();
  }

  restore(operation: EventOperation, bytes: Buffer): void {
    const [properties, application] = operation.lengths;
    const wire = {
      properties: bytes.subarray(0, properties),
      applicationProperties: application > 0 ? bytes.subarray(properties, properties + application) : undefined,
      rest: bytes.subarray(properties + application),
    };
    this.nextSequence = operation.s + 1;
    this.nextOffset = Number(operation.o) + bytes.length;
    const { s: sequenceNumber, o: offset, at: enqueuedAtMs, key } = operation;
    this.place({ sequenceNumber, offset, enqueuedAtMs, wire, ...(key !== undefined && { partitionKey: key }) });
  }

  get firstSequence(): number {
    return this.events[0]?.sequenceNumber ?? this.nextSequence;
  }

  last(): StoredEvent | undefined {
    return this.events.at(-1);
  }

  /** The event with this number, or the oldest kept one behind it. */
  from(sequenceNumber: number): StoredEvent | undefined {
    return this.events[Math.max(0, sequenceNumber - this.firstSequence)];
  }

  /** Number of the first event that satisfies a condition monotone over the log; the end when none does. */
  firstWhere(condition: (event: StoredEvent) => boolean): number {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.events[middle];
      if (event && !condition(event)) low = middle + 1;
      else high = middle;
    }
    return this.events[low]?.sequenceNumber ?? this.nextSequence;
  }

  *records(): Iterable<JournalRecord> {
    for (const event of this.events) yield this.toRecord(event);
  }

  private toEvent(message: IncomingMessage, enqueuedAtMs: number, partitionKey: string | undefined): StoredEvent {
    const { properties, applicationProperties, rest } = message;
    const event = {
      sequenceNumber: this.nextSequence++,
      offset: String(this.nextOffset),
      enqueuedAtMs,
      wire: { properties, applicationProperties, rest },
      ...(partitionKey !== undefined && { partitionKey }),
    };
    this.nextOffset += sizeOf(event);
    return event;
  }

  private place(event: StoredEvent): void {
    this.events.push(event);
    this.bytes += sizeOf(event);
  }

  private trim(nowMs: number): void {
    const { maxAgeMs, maxBytes } = this.context.retention;
    let drop = 0;
    for (const event of this.events) {
      if (this.bytes <= maxBytes && nowMs - event.enqueuedAtMs <= maxAgeMs) break;
      this.bytes -= sizeOf(event);
      drop += 1;
    }
    if (drop > 0) this.events = this.events.slice(drop);
  }

  private write(event: StoredEvent): Promise<void> {
    const { header, bytes } = this.toRecord(event);
    return this.context.journal.append(header, bytes);
  }

  private toRecord(event: StoredEvent): JournalRecord & { header: EventOperation } {
    const { properties, applicationProperties = Buffer.alloc(0), rest } = event.wire;
    const header: EventOperation = {
      t: 'event',
      h: this.hub,
      p: this.id,
      s: event.sequenceNumber,
      o: event.offset,
      at: event.enqueuedAtMs,
      lengths: [properties.length, applicationProperties.length, rest.length],
      ...(event.partitionKey !== undefined && { key: event.partitionKey }),
    };
    return { header, bytes: Buffer.concat([properties, applicationProperties, rest]) };
  }
}

function sizeOf({ wire }: StoredEvent): number {
  return wire.properties.length + (wire.applicationProperties?.length ?? 0) + wire.rest.length;
}
