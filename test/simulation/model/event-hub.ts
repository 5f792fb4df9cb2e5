import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';

/** An event as the hub keeps it. */
export interface HubRecord {
  readonly hubNumber: number;
  readonly partition: number;
  readonly sequenceNumber: number;
  readonly enqueuedAtMs: number;
  readonly body: Uint8Array;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** One reader of one partition on one host. */
export interface PartitionReader {
  readonly hostId: string;
  position: number;
  closed: boolean;
  busy: boolean;
  pump(): void;
}

/** How long an owner that does not renew keeps a partition. */
const ownershipMs = 20_000;

export class Partition {
  records: HubRecord[] = [];
  /** Sequence number of the next event to read, as the consumer group has stored it. */
  checkpoint = 0;
  owner: { hostId: string; renewedAtMs: number } | undefined;
  readers: PartitionReader[] = [];

  constructor(readonly id: number) {}

  isFree(nowMs: number): boolean {
    return this.owner === undefined || nowMs - this.owner.renewedAtMs > ownershipMs;
  }
}

/**
 * Event Hubs with one consumer group: partitions that only grow, checkpoints that anybody who thinks he owns a
 * partition may overwrite, ownership that expires and can be stolen. Delivery is at least once.
 */
export class EventHub {
  partitions: Partition[];
  private number = 1;

  constructor(
    private readonly loop: EventLoop,
    private readonly faults: Faults,
    private readonly random: Random,
    private readonly options: {
      partitions: number;
      onCheckpoint: (partition: Partition, next: number) => void;
    },
  ) {
    this.partitions = this.createPartitions();
  }

  append(body: Uint8Array, properties: Readonly<Record<string, unknown>>): HubRecord {
    const partition = this.random.pick(this.partitions);
    const record: HubRecord = {
      hubNumber: this.number,
      partition: partition.id,
      sequenceNumber: partition.records.length,
      enqueuedAtMs: this.loop.nowMs,
      body,
      properties,
    };
    partition.records.push(record);
    this.loop.note(`hub ${partition.id} gets ${record.sequenceNumber}`);
    for (const reader of partition.readers) reader.pump();
    return record;
  }

  /** Write a checkpoint as the platform does: without any condition, and not always at once. */
  writeCheckpoint(partition: Partition, next: number): void {
    if (this.faults.strikes('checkpoint-lost')) return;
    const delayMs = this.faults.strikes('checkpoint-late') ? this.random.int(5_000, 90_000) : this.random.int(1, 20);
    this.loop.after(delayMs, () => {
      if (!this.partitions.includes(partition)) return;
      this.options.onCheckpoint(partition, next);
      this.loop.note(`checkpoint ${partition.id} ${next}`);
      partition.checkpoint = next;
    });
  }

  /** Set checkpoints back and make the readers start over from them. */
  rewind(toCheckpoint: (partition: Partition) => number): void {
    for (const partition of this.partitions) {
      partition.checkpoint = Math.min(partition.checkpoint, toCheckpoint(partition));
      this.loop.note(`hub ${partition.id} rewound to ${partition.checkpoint}`);
      this.dismiss(partition);
    }
  }

  /** A new hub of the same name, without checkpoints. */
  recreate(): void {
    for (const partition of this.partitions) this.dismiss(partition);
    this.number += 1;
    this.partitions = this.createPartitions();
    this.loop.note('hub recreated');
  }

  /** Whether every event has been read and dealt with; a checkpoint that was lost or went back makes no difference. */
  isDone(): boolean {
    return this.partitions.every(({ checkpoint, records, readers }) => {
      const readToTheEnd = checkpoint === records.length || readers.some(({ position }) => position === records.length);
      return readToTheEnd && readers.every((reader) => !reader.busy);
    });
  }

  private dismiss(partition: Partition): void {
    for (const reader of partition.readers) reader.closed = true;
    partition.readers = [];
    partition.owner = undefined;
  }

  private createPartitions(): Partition[] {
    return Array.from({ length: this.options.partitions }, (_, id) => new Partition(id));
  }
}
