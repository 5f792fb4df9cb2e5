import { createHash } from 'node:crypto';
import type { Journal } from '../../journal/journal.js';
import type { JournalRecord } from '../../journal/record.js';
import { type EventOperation, Partition, type PlaceOperation, type Retention } from './partition.js';

/** A hub to serve. `$Default` exists always. */
export interface HubDescription {
  readonly name: string;
  readonly partitionCount: number;
  readonly consumerGroups?: readonly string[];
  /** How long events are kept, in milliseconds. Default: 24 hours. */
  readonly retentionMs?: number;
  /** How many bytes of events a partition keeps; the service knows no such limit. Default: 64 MiB. */
  readonly maxPartitionBytes?: number;
}

/** A hub with its partitions. */
export interface Hub {
  readonly name: string;
  readonly createdAtMs: number;
  readonly partitions: readonly Partition[];
  readonly consumerGroups: ReadonlySet<string>;
}

function toRetention({ retentionMs, maxPartitionBytes }: HubDescription): Retention {
  return { maxAgeMs: retentionMs ?? 24 * 3_600_000, maxBytes: maxPartitionBytes ?? 64 * 1024 * 1024 };
}

/** The hubs of one namespace. */
export class Hubs {
  private readonly hubs = new Map<string, Hub>();
  private turn = 0;

  constructor(
    descriptions: readonly HubDescription[],
    context: {
      journal: Journal;
      nowMs: () => number;
      onAppend: (hub: string, partition: string) => void;
    },
  ) {
    const { journal, nowMs } = context;
    for (const description of descriptions) {
      const { name, partitionCount, consumerGroups = [] } = description;
      const retention = toRetention(description);
      const partitions = Array.from({ length: partitionCount }, (_, index) => {
        const id = String(index);
        return new Partition(name, id, { journal, nowMs, retention, onAppend: () => context.onAppend(name, id) });
      });
      const groups = new Set(['$default', ...consumerGroups.map((group) => group.toLowerCase())]);
      this.hubs.set(name.toLowerCase(), { name, createdAtMs: nowMs(), partitions, consumerGroups: groups });
    }
  }

  find(name: string): Hub | undefined {
    return this.hubs.get(name.toLowerCase());
  }

  /** The partition for an event: by its key, else in turn. */
  choosePartition(hub: Hub, partitionKey: string | undefined): Partition | undefined {
    const count = hub.partitions.length;
    if (partitionKey === undefined) return hub.partitions[this.turn++ % count];
    return hub.partitions[createHash('sha1').update(partitionKey).digest().readUInt32BE(0) % count];
  }

  /** An event of a partition that no longer exists is dropped: the hub was made smaller on purpose. */
  restore(operation: EventOperation, bytes: Buffer): void {
    this.find(operation.h)?.partitions[Number(operation.p)]?.restore(operation, bytes);
  }

  restorePlace(operation: PlaceOperation): void {
    this.find(operation.h)?.partitions[Number(operation.p)]?.restorePlace(operation);
  }

  /** Drop what no partition keeps any longer. */
  trim(): void {
    for (const partition of this.partitions()) partition.trim();
  }

  /** The present state of each partition as records. */
  records(): Iterable<JournalRecord>[] {
    return [...this.partitions()].map((partition) => partition.records());
  }

  private *partitions(): Iterable<Partition> {
    for (const hub of this.hubs.values()) yield* hub.partitions;
  }
}
