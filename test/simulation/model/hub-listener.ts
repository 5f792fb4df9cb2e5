import type { ClusterOptions } from './cluster.js';
import type { EventHub, HubRecord, Partition, PartitionReader } from './event-hub.js';
import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Host, RegisteredFunction } from './host.js';
import type { Network } from './network.js';
import type { Random } from './random.js';

interface Deps {
  readonly loop: EventLoop;
  readonly faults: Faults;
  readonly network: Network;
  readonly random: Random;
}

type HubFunction = RegisteredFunction & { binding: { kind: 'hub' } };

/**
 * The Event Hubs trigger: spreads partitions over hosts, reads batches in order, retries as the function asked for, and
 * moves the checkpoint when the platform would: after success, after the last retry, and at once without a policy.
 */
export class HubListener {
  private readonly hub: EventHub;

  constructor(
    private readonly deps: Deps,
    private readonly options: Pick<ClusterOptions, 'hub' | 'maxBatch'>,
  ) {
    this.hub = options.hub;
  }

  /** Renew what the host owns, take what is free or more than its fair share elsewhere, close what it lost. */
  balance(host: Host, living: readonly Host[]): void {
    const { loop, faults, random } = this.deps;
    for (const partition of this.hub.partitions) {
      const own = partition.readers.find((reader) => reader.hostId === host.id && !reader.closed);
      if (partition.owner?.hostId === host.id) partition.owner.renewedAtMs = loop.nowMs;
      else if (own) this.close(partition, own);
    }
    const owned = this.hub.partitions.filter(({ owner }) => owner?.hostId === host.id);
    const free = this.hub.partitions.filter((partition) => partition.isFree(loop.nowMs));
    const others = this.hub.partitions.filter(({ owner }) => owner?.hostId !== host.id);
    if (free.length > 0) this.own(random.pick(free), host);
    else if (others.length > 0 && faults.strikes('hub-stolen')) this.own(random.pick(others), host);
    else if (owned.length < Math.floor(this.hub.partitions.length / living.length)) this.own(random.pick(others), host);
  }

  /** The host gives its partitions back; what it is working on goes on without a checkpoint. */
  leave(host: Host): void {
    for (const partition of this.hub.partitions) {
      for (const reader of partition.readers.filter(({ hostId }) => hostId === host.id)) this.close(partition, reader);
      if (partition.owner?.hostId === host.id) partition.owner = undefined;
    }
  }

  /** The host is gone; its ownership stays until it expires. */
  forget(host: Host): void {
    for (const partition of this.hub.partitions) {
      partition.readers = partition.readers.filter(({ hostId }) => hostId !== host.id);
    }
  }

  private close(partition: Partition, reader: PartitionReader): void {
    reader.closed = true;
    partition.readers = partition.readers.filter((other) => other !== reader);
  }

  private own(partition: Partition, host: Host): void {
    const { loop } = this.deps;
    const ingest = [...host.functions.values()].find((each): each is HubFunction => each.binding.kind === 'hub');
    if (ingest === undefined) throw new Error('no function reads the hub');
    loop.note(`${host.id} takes partition ${partition.id}`);
    partition.owner = { hostId: host.id, renewedAtMs: loop.nowMs };
    const reader: PartitionReader = {
      hostId: host.id,
      position: partition.checkpoint,
      closed: false,
      busy: false,
      pump: () => this.pump({ host, partition, reader, ingest }),
    };
    partition.readers = partition.readers.filter(({ hostId }) => hostId !== host.id);
    partition.readers.push(reader);
    reader.pump();
  }

  private pump(context: { host: Host; partition: Partition; reader: PartitionReader; ingest: HubFunction }): void {
    const { host, partition, reader } = context;
    const { loop, faults, random } = this.deps;
    if (reader.busy || reader.closed || !host.alive || host.draining) return;
    const size = random.int(1, this.options.maxBatch);
    const records = partition.records.slice(reader.position, reader.position + size);
    if (records.length === 0) return;
    reader.busy = true;
    const delayMs = faults.strikes('hub-stalled') ? random.int(2_000, 45_000) : random.int(1, 20);
    loop.after(delayMs, () => host.resume(() => this.work(context, records, 0)));
  }

  private work(
    context: { host: Host; partition: Partition; reader: PartitionReader; ingest: HubFunction },
    records: readonly HubRecord[],
    retries: number,
  ): void {
    const { host, partition, reader, ingest } = context;
    const { network } = this.deps;
    host.invoke(ingest.name, toInvocation(records, partition), (outcome, caller) => {
      if (network.dies(caller, 'at its end', 'killed-at-end')) return;
      const { retry } = ingest.binding;
      const triesAgain = outcome === 'threw' && retry && (retry.maxRetryCount < 0 || retries < retry.maxRetryCount);
      if (triesAgain) {
        this.retryLater(context, records, { retries, delayMs: toDelayMs(retry, retries) });
        return;
      }
      reader.busy = false;
      if (reader.closed) return;
      reader.position += records.length;
      this.hub.writeCheckpoint(partition, reader.position);
      reader.pump();
    });
  }

  /** The retry lives in the host's memory; a host that shuts down meanwhile drops it and leaves the checkpoint. */
  private retryLater(
    context: { host: Host; partition: Partition; reader: PartitionReader; ingest: HubFunction },
    records: readonly HubRecord[],
    { retries, delayMs }: { retries: number; delayMs: number },
  ): void {
    const { host, reader } = context;
    const { loop, faults } = this.deps;
    host.running += 1;
    loop.after(delayMs, () =>
      host.resume(() => {
        host.running -= 1;
        if (!host.draining && !reader.closed) return this.work(context, records, retries + 1);
        faults.count('retry-cancelled');
        reader.busy = false;
      }),
    );
  }
}

function toDelayMs({ minimumMs, maximumMs }: { minimumMs: number; maximumMs: number }, retries: number): number {
  return Math.min(minimumMs * 2 ** Math.min(retries, 20), maximumMs);
}

/** Bodies and metadata as the platform hands them over: parallel arrays. */
function toInvocation(
  records: readonly HubRecord[],
  partition: Partition,
): { payload: Uint8Array[]; metadata: object } {
  return {
    payload: records.map(({ body }) => body),
    metadata: {
      triggerPartitionContext: { partitionId: String(partition.id) },
      sequenceNumberArray: records.map(({ sequenceNumber }) => sequenceNumber),
      offsetStringArray: records.map(({ sequenceNumber }) => String(sequenceNumber * 100)),
      enqueuedTimeUtcArray: records.map(({ enqueuedAtMs }) => new Date(enqueuedAtMs).toISOString()),
      propertiesArray: records.map(({ properties }) => properties),
    },
  };
}
