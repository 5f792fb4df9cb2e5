import type { Settings } from './settings.js';

/**
 * The one list of messaging entities Outport needs, with their options. The embedded stack and the emulators' files are
 * made from it, and a test holds `infra/` to it. Durations are in milliseconds.
 */
export interface MessagingEntities {
  readonly hubs: readonly HubEntity[];
  readonly queues: readonly QueueEntity[];
  readonly topics: readonly TopicEntity[];
}

export interface HubEntity {
  readonly name: string;
  readonly partitionCount: number;
  /** Besides `$Default`, which every hub has. */
  readonly consumerGroups: readonly string[];
}

export interface QueueEntity {
  readonly name: string;
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly deadLetteringOnMessageExpiration: boolean;
}

export interface TopicEntity {
  readonly name: string;
  readonly duplicateWindowMs: number;
}

/** More than one, so that ingest can scale out and no producer blocks another; a Standard hub never changes it. */
const partitionCount = 4;

/**
 * A batch is not renewed, so its lock must outlast the slowest handling that still ends well: a send that spends all its
 * tries (three times 20 s and the pauses between) and the storage calls before it.
 */
const queueOptions = {
  lockDurationMs: 2 * 60_000,
  // What fails is counted by the batch driver, message by message. This count grows when a host dies or the queue cannot
  // take messages back, for a whole batch at once: high, so that a bad hour dead-letters nothing that would succeed.
  maxDeliveryCount: 50,
  // Messages of the queues do not expire; should somebody set a time to live, they still must not vanish.
  deadLetteringOnMessageExpiration: true,
} as const;

/** Longer than a dispatch lease, so that a second send after a death is dropped. */
const duplicateWindowMs = 10 * 60_000;

/** A consumer has a minute per trigger and ten tries; what it never takes waits in its dead-letter queue. */
export const consumerSubscription = {
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  defaultTtlMs: 14 * 24 * 3_600_000,
  deadLetteringOnMessageExpiration: true,
} as const;

/** The hubs, queues and topics under the names that settings give them. */
export function toEntities(settings: Pick<Settings, 'hub' | 'consumerGroup' | 'queues' | 'topic'>): MessagingEntities {
  const { hub, consumerGroup, queues, topic } = settings;
  const consumerGroups = consumerGroup === '$Default' ? [] : [consumerGroup];
  return {
    hubs: [{ name: hub, partitionCount, consumerGroups }],
    queues: Object.values(queues).map((name) => ({ name, ...queueOptions })),
    topics: [{ name: topic, duplicateWindowMs }],
  };
}

/** A duration as Service Bus writes it, such as `P14D` or `PT2M`: in the largest unit that gives a whole number. */
export function toIsoDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds > 0 && seconds % 86_400 === 0) return `P${seconds / 86_400}D`;
  if (seconds > 0 && seconds % 3_600 === 0) return `PT${seconds / 3_600}H`;
  if (seconds > 0 && seconds % 60 === 0) return `PT${seconds / 60}M`;
  return `PT${seconds}S`;
}
