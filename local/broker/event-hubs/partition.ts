import type { IncomingMessage } from '../amqp/message-codec.js';
import type { Journal } from '../../journal/journal.js';
import { type JournalRecord, toRecord } from '../../journal/record.js';

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

/** Where a partition goes on, as the journal holds it when its events may be gone. */
export interface PlaceOperation {
  readonly t: 'place';
  readonly h: string;
  readonly p: string;
  /** The next sequence number and offset. */
  readonly s: number;
  readonly o: number;
  readonly last?: LastEvent;
}

/** How much of a partition is kept. */
export interface Retention {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** The newest event, which is known also when it is kept no longer. */
type LastEvent = Pick<StoredEvent, 'sequenceNumber' | 'offset' | 'enqueuedAtMs'>;

/**
 * An append-only log. Sequence numbers start at 0 and have no gaps; offsets are byte positions as text.
 *
 * E1 An event is readable when the journal has it, and not before.
 * E2 What one append carries is one journal record: after a crash all of it is there, or nothing.
 * E3 Old events are dropped from the front when the retention is exceeded; numbers and offsets go on all the same.
 */
export class Partition {
  private events: StoredEvent[] = [];
  private bytes = 0;
  private nextOffset = 0;
  private nextSequence = 0;
  /** Events from this number on are not readable yet. */
  private readableEnd = 0;
  private newest: LastEvent | undefined;

  constructor(
    readonly hub: string,
    readonly id: string,
    private readonly context: { journal: Journal; retention: Retention; nowMs: () => number; onAppend: () => void },
  ) {}

  get nowMs(): number {
    return this.context.nowMs();
  }

  /** Append events; resolves when the journal has them, and only then are they readable. */
  async append(messages: readonly IncomingMessage[], partitionKey: string | undefined): Promise<void> {
    const { nowMs } = this;
    const stored = messages.map((message) => this.toEvent(message, nowMs, partitionKey));
    for (const event of stored) this.place(event);
    const end = this.nextSequence;
    await this.context.journal.append(stored.map((event) => this.toEventRecord(event)));
    this.publish(end);
    this.trim();
    this.context.onAppend();
  }

  restore(operation: EventOperation, bytes: Buffer): void {
    if (operation.s < this.nextSequence) return;
    const [properties, application] = operation.lengths;
    const wire = {
      properties: bytes.subarray(0, properties),
      applicationProperties: application > 0 ? bytes.subarray(properties, properties + application) : undefined,
      rest: bytes.subarray(properties + application),
    };
    const { s: sequenceNumber, o: offset, at: enqueuedAtMs, key } = operation;
    this.nextSequence = sequenceNumber + 1;
    this.nextOffset = Number(offset) + bytes.length;
    this.place({ sequenceNumber, offset, enqueuedAtMs, wire, ...(key !== undefined && { partitionKey: key }) });
    this.publish(this.nextSequence);
  }

  restorePlace({ s, o, last }: PlaceOperation): void {
    this.nextSequence = s;
    this.nextOffset = o;
    this.readableEnd = s;
    this.newest = last;
  }

  get firstSequence(): number {
    return this.events[0]?.sequenceNumber ?? this.nextSequence;
  }

  /** The newest readable event. */
  last(): LastEvent | undefined {
    return this.newest;
  }

  /** Whether nothing can be read now. */
  get isEmpty(): boolean {
    return this.firstSequence >= this.readableEnd;
  }

  /** The readable event with this number, or the oldest kept one behind it. */
  from(sequenceNumber: number): StoredEvent | undefined {
    const event = this.events[Math.max(0, sequenceNumber - this.firstSequence)];
    return event && event.sequenceNumber < this.readableEnd ? event : undefined;
  }

  /** Number of the first event that satisfies a condition monotone over the log; the end when none does. */
  firstWhere(condition: (event: StoredEvent) => boolean): number {
    let low = 0;
    let high = this.readableEnd - this.firstSequence;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.events[middle];
      if (event && !condition(event)) low = middle + 1;
      else high = middle;
    }
    return this.firstSequence + low;
  }

  /** Drop what the retention keeps no longer. */
  trim(): void {
    const { maxAgeMs, maxBytes } = this.context.retention;
    const oldestMs = this.nowMs - maxAgeMs;
    let drop = 0;
    for (const event of this.events) {
      const isKept = this.bytes <= maxBytes && event.enqueuedAtMs >= oldestMs;
      if (isKept || event.sequenceNumber >= this.readableEnd) break;
      this.bytes -= sizeOf(event);
      drop += 1;
    }
    if (drop > 0) this.events.splice(0, drop);
  }

  /** The state of now as records, made when they are asked for: where the numbers go on, and every event. */
  records(): Iterable<JournalRecord> {
    const [first] = this.events;
    const place: PlaceOperation = {
      t: 'place',
      h: this.hub,
      p: this.id,
      s: this.firstSequence,
      o: first ? Number(first.offset) : this.nextOffset,
      ...(this.newest && { last: this.newest }),
    };
    return this.toRecords(place, [...this.events]);
  }

  private *toRecords(place: PlaceOperation, events: readonly StoredEvent[]): Iterable<JournalRecord> {
    yield toRecord(place);
    for (const event of events) yield this.toEventRecord(event);
  }

  private publish(end: number): void {
    this.readableEnd = Math.max(this.readableEnd, end);
    const event = this.events[this.readableEnd - 1 - this.firstSequence];
    if (!event) return;
    const { sequenceNumber, offset, enqueuedAtMs } = event;
    this.newest = { sequenceNumber, offset, enqueuedAtMs };
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

  private toEventRecord(event: StoredEvent): JournalRecord {
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
    return toRecord(header, Buffer.concat([properties, applicationProperties, rest]));
  }
}

function sizeOf({ wire }: StoredEvent): number {
  return wire.properties.length + (wire.applicationProperties?.length ?? 0) + wire.rest.length;
}
