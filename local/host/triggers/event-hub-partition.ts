import type { PartitionContext, ReceivedEventData } from '@azure/event-hubs';
import { toErrorText } from '../log/host-log.js';
import { cardinalityOf, dataTypeOf } from './function-definition.js';
import { toBatchPayload, toSinglePayload, type PartitionIdentity } from './event-hub-payload.js';
import type { ListenerContext } from './listener.js';
import { invokeWithRetry, type RetryPolicy } from './retry-policy.js';

interface PartitionOptions {
  readonly context: ListenerContext;
  readonly policy: RetryPolicy;
  /** Aborted when the host stops. */
  readonly stopping: AbortSignal;
}

/**
 * The events of one owned partition: one invocation at a time, then the checkpoint.
 *
 * The checkpoint is written whether the function returned or threw: only a retry policy that has not ended, a stop of
 * the host, or the loss of the partition holds it back.
 */
export class EventHubPartition {
  readonly #options: PartitionOptions;
  readonly #lost = new AbortController();
  readonly #signal: AbortSignal;
  #waiting: ReceivedEventData[] = [];
  #waitingSince = 0;
  #batches = 0;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.stopping, this.#lost.signal]);
  }

  /** The partition belongs to somebody else now: nothing may be checkpointed any more. */
  lose(): void {
    this.#lost.abort();
  }

  /** Take what the receiver read (perhaps nothing) and dispatch as soon as the configured minimum is met. */
  async accept(events: readonly ReceivedEventData[], partition: PartitionContext): Promise<void> {
    if (this.#signal.aborted) return;
    if (this.#waiting.length === 0) this.#waitingSince = Date.now();
    this.#waiting.push(...events);
    const { minEventBatchSize, maxEventBatchSize, maxWaitTime } = this.#options.context.host.extensions.eventHubs;
    const isDue = (): boolean => Date.now() - this.#waitingSince >= maxWaitTime;
    while (this.#waiting.length > 0 && !this.#signal.aborted) {
      if (this.#waiting.length < minEventBatchSize && !isDue()) return;
      await this.#dispatch(this.#waiting.splice(0, maxEventBatchSize), partition);
    }
  }

  async #dispatch(batch: readonly ReceivedEventData[], partition: PartitionContext): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    const { batchCheckpointFrequency, enableCheckpointing } = this.#options.context.host.extensions.eventHubs;
    const willCheckpoint = enableCheckpointing && (this.#batches + 1) % batchCheckpointFrequency === 0;
    const done = await this.#invoke(batch, toIdentity(partition, willCheckpoint));
    if (!done || this.#signal.aborted) return;
    this.#batches += 1;
    if (willCheckpoint) await this.#checkpoint(last, partition);
  }

  async #invoke(batch: readonly ReceivedEventData[], identity: PartitionIdentity): Promise<boolean> {
    const { definition, keepEmpty } = this.#options.context;
    const dataType = dataTypeOf(definition);
    if (cardinalityOf(definition) === 'many') {
      return this.#run(toBatchPayload(batch, identity, { dataType, keepEmpty }), `${batch.length} events`);
    }
    for (const event of batch) {
      const payload = toSinglePayload(event, identity, dataType);
      if (this.#signal.aborted || !(await this.#run(payload, `event ${event.sequenceNumber}`))) return false;
    }
    return true;
  }

  /** False when the host stopped before the policy ended. */
  async #run(payload: ReturnType<typeof toBatchPayload>, what: string): Promise<boolean> {
    const { definition, invoker } = this.#options.context;
    const invocation = {
      target: definition.target,
      trigger: { name: definition.triggerName, data: payload.data },
      triggerMetadata: payload.metadata,
      reason: `new event from ${String(definition.trigger['eventHubName'])}: ${what}`,
    };
    const outcome = await invokeWithRetry(invoker, invocation, this.#options.policy, this.#signal);
    return outcome.kind !== 'stopped';
  }

  async #checkpoint(last: ReceivedEventData, partition: PartitionContext): Promise<void> {
    try {
      await partition.updateCheckpoint(last);
    } catch (error) {
      const { log, definition } = this.#options.context;
      const message = `checkpoint of partition ${partition.partitionId} failed: ${toErrorText(error)}`;
      log({ level: 'error', category: `Function.${definition.name}`, message });
    }
  }
}

function toIdentity(partition: PartitionContext, isCheckpointingAfterInvocation: boolean): PartitionIdentity {
  const { partitionId, consumerGroup, eventHubName, fullyQualifiedNamespace } = partition;
  return { partitionId, consumerGroup, eventHubName, fullyQualifiedNamespace, isCheckpointingAfterInvocation };
}
