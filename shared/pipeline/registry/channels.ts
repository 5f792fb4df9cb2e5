import { DataProductKey } from '../../contracts/keys.js';
import type { RegistryDocument } from '../../contracts/registry.js';
import { toConsumers } from '../../domain/registry/plan.js';
import type { ConsumerChannels } from '../../ports/consumer-channels.js';

/** A consumer's channel and what waits in it. */
export interface WaitingChannel {
  readonly consumer: string;
  readonly waiting: number;
}

/** Consumers whose channel came or went. */
export interface ChannelChanges {
  readonly created: readonly string[];
  readonly removed: readonly string[];
  /** Channels nobody needs that still hold messages; they stay until their removal is confirmed. */
  readonly kept: readonly WaitingChannel[];
}

/** Consumers that need a channel and have none, and channels that nobody needs. */
export async function compareChannels(
  document: RegistryDocument,
  channels: ConsumerChannels,
): Promise<{ missing: string[]; unneeded: WaitingChannel[] }> {
  const needed = new Set(toConsumers(document));
  const existing = new Set(await channels.list());
  const unneeded: WaitingChannel[] = [];
  for (const consumer of existing) {
    // A channel whose name is no consumer's key belongs to somebody else.
    if (needed.has(consumer) || !DataProductKey.safeParse(consumer).success) continue;
    unneeded.push({ consumer, waiting: await channels.waiting(consumer) });
  }
  return { missing: [...needed].filter((consumer) => !existing.has(consumer)), unneeded };
}

/** Create what is missing and mend the filters of what is there. */
export async function ensureChannels(document: RegistryDocument, channels: ConsumerChannels): Promise<string[]> {
  const created: string[] = [];
  for (const consumer of toConsumers(document)) {
    if ((await channels.ensure(consumer)) === 'created') created.push(consumer);
  }
  return created;
}

/** Remove channels that nobody needs; one that holds messages only if its loss is confirmed. */
export async function removeChannels(
  document: RegistryDocument,
  channels: ConsumerChannels,
  mayLoseMessages: boolean,
): Promise<Pick<ChannelChanges, 'removed' | 'kept'>> {
  const { unneeded } = await compareChannels(document, channels);
  const kept = mayLoseMessages ? [] : unneeded.filter(({ waiting }) => waiting > 0);
  const removed = unneeded
    .map(({ consumer }) => consumer)
    .filter((name) => !kept.some(({ consumer }) => consumer === name));
  for (const consumer of removed) await channels.remove(consumer);
  return { removed, kept };
}
