import type { EventHubConsumerClient, EventPosition, PartitionContext, Subscription } from '@azure/event-hubs';
import { toErrorText } from '../log/host-log.js';
import type { EventHubsSettings } from '../settings/host-schema.js';
import { createConsumer } from './event-hub-clients.js';
import { EventHubPartition } from './event-hub-partition.js';
import type { Listener, ListenerContext } from './listener.js';
import { pause, toRetryPolicy, type RetryPolicy } from './retry-policy.js';

const IDLE_WAIT_SECONDS = 60;
const RESTART_PAUSE_MS = 1000;

/** The Event Hubs trigger of one function, on the real consumer client. */
export class EventHubListener implements Listener {
  readonly #context: ListenerContext;
  readonly #policy: RetryPolicy;
  readonly #stopping = new AbortController();
  readonly #partitions = new Map<string, EventHubPartition>();
  readonly #active = new Set<Promise<void>>();
  #client: EventHubConsumerClient | undefined;
  #subscription: Subscription | undefined;

  constructor(context: ListenerContext) {
    this.#context = context;
    this.#policy = toRetryPolicy(context.definition.target.metadata.retryOptions);
  }

  async start(): Promise<void> {
    const options = this.#context.host.extensions.eventHubs;
    this.#client = await createConsumer(this.#context.definition, this.#context.settings, options);
    if (this.#stopping.signal.aborted) return;
    this.#subscription = this.#client.subscribe(
      {
        processEvents: (events, partition) => this.#track(this.#partitionOf(partition).accept(events, partition)),
        processError: async (error, partition) => this.#report(error, partition.partitionId),
        processInitialize: async (partition) => {
          this.#partitions.set(partition.partitionId, this.#newPartition());
        },
        processClose: async (_reason, partition) => {
          this.#partitions.get(partition.partitionId)?.lose();
        },
      },
      {
        startPosition: toStartPosition(options),
        maxBatchSize: options.maxEventBatchSize,
        // Also how often a waiting partial batch is looked at; without a minimum nothing ever waits.
        maxWaitTimeInSeconds:
          options.minEventBatchSize > 1 ? Math.min(1, options.maxWaitTime / 2000) : IDLE_WAIT_SECONDS,
        prefetchCount: Math.max(options.prefetchCount, 1),
        trackLastEnqueuedEventProperties: options.trackLastEnqueuedEventProperties,
        skipParsingBodyAsJson: true,
      },
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#active);
    await this.#subscription?.close();
    await this.#client?.close();
  }

  #newPartition(): EventHubPartition {
    return new EventHubPartition({ context: this.#context, policy: this.#policy, stopping: this.#stopping.signal });
  }

  #partitionOf(partition: PartitionContext): EventHubPartition {
    const known = this.#partitions.get(partition.partitionId);
    if (known) return known;
    const created = this.#newPartition();
    this.#partitions.set(partition.partitionId, created);
    return created;
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#active.add(work);
    try {
      await work;
    } finally {
      this.#active.delete(work);
    }
    // A stopped pump that read on would only lock the process in a busy loop.
    if (this.#stopping.signal.aborted) await pause(RESTART_PAUSE_MS, new AbortController().signal);
  }

  #report(error: Error, partitionId: string): void {
    if (this.#stopping.signal.aborted) return;
    const { log, definition } = this.#context;
    const where = partitionId ? `partition ${partitionId}` : 'load balancing';
    log({
      level: 'warning',
      category: 'Host.EventHubs',
      message: `${definition.name}: ${where}: ${toErrorText(error)}`,
    });
  }
}

function toStartPosition(options: EventHubsSettings): EventPosition {
  const { type, enqueuedTimeUtc } = options.initialOffsetOptions;
  switch (type) {
    case 'fromstart':
      return { offset: '-1' };
    case 'fromend':
      return { offset: '@latest' };
    case 'fromenqueuedtime': {
      const enqueuedOn = new Date(enqueuedTimeUtc ?? Number.NaN);
      if (!Number.isNaN(enqueuedOn.getTime())) return { enqueuedOn };
      throw new Error('host.json: initialOffsetOptions.enqueuedTimeUtc must be a date for type "fromEnqueuedTime"');
    }
  }
}
