import { DataProductKey } from '../contracts/keys.js';
import type { RegistryDocument } from '../contracts/registry.js';
import { checkRegistry } from '../domain/registry/check-registry.js';
import {
  fromRegistryVersion,
  planRegistry,
  type RegistryPlan,
  toConsumers,
  toRegistryVersion,
} from '../domain/registry/plan.js';
import type { RegistryProblem } from '../domain/registry/registry-problem.js';
import type { Clock } from '../ports/clock.js';
import type { ConsumerChannels } from '../ports/consumer-channels.js';
import { TerminalError } from '../ports/errors.js';
import type { RegistryPointer, RegistryStore } from '../ports/registry-store.js';

export interface ApplyDeps {
  readonly registryStore: RegistryStore;
  readonly channels: ConsumerChannels;
  readonly clock: Clock;
}

/** Consumers whose channel came or went. */
export interface ChannelChanges {
  readonly created: readonly string[];
  readonly removed: readonly string[];
}

/** What became of an apply. */
export type ApplyOutcome =
  /** The version is in force. */
  | {
      readonly kind: 'applied';
      readonly version: string;
      readonly plan: RegistryPlan;
      readonly channels: ChannelChanges;
    }
  /** The same content was in force already; missing channels were mended. */
  | { readonly kind: 'already-in-force'; readonly version: string; readonly channels: ChannelChanges }
  /** Somebody else applied in between; nothing of this registry is in force. */
  | { readonly kind: 'overtaken'; readonly by: RegistryPointer | undefined }
  /** The registry has errors; nothing was written. */
  | { readonly kind: 'refused'; readonly problems: readonly RegistryProblem[] };

/**
 * Put a registry in force: check it, make sure every consumer has a channel, publish, remove channels nobody needs.
 *
 * A topic drops what matches no channel, so channels are there before the version that sends to them, and go after it.
 * Repeating it changes nothing. @throws RetryableError | TerminalError
 */
export async function applyRegistry(
  document: RegistryDocument,
  appliedBy: string,
  deps: ApplyDeps,
): Promise<ApplyOutcome> {
  const errors = checkRegistry(document).filter((problem) => problem.severity === 'error');
  if (errors.length > 0) return { kind: 'refused', problems: errors };
  const { registryStore, clock } = deps;
  const expected = await registryStore.pointer();
  const plan = planRegistry(await loadInForce(expected, registryStore), document);
  const created = await ensureChannels(document, deps.channels);
  if (expected && isEmpty(plan)) {
    const removed = await removeChannels(document, expected.version, deps);
    return { kind: 'already-in-force', version: expected.version, channels: { created, removed } };
  }
  const version = toRegistryVersion(fromRegistryVersion(expected?.version) + 1, document);
  const appliedAt = new Date(clock.nowMs()).toISOString();
  const won = await registryStore.publish({ version, document, expected, appliedAt, appliedBy });
  if (!won) return { kind: 'overtaken', by: await registryStore.pointer() };
  const removed = await removeChannels(document, version, deps);
  return { kind: 'applied', version, plan, channels: { created, removed } };
}

/** A damaged version has nothing to compare with; applying again is how it is mended. */
async function loadInForce(
  pointer: RegistryPointer | undefined,
  store: RegistryStore,
): Promise<RegistryDocument | undefined> {
  if (pointer === undefined) return undefined;
  try {
    return await store.load(pointer.version);
  } catch (error) {
    if (error instanceof TerminalError) return undefined;
    throw error;
  }
}

function isEmpty({ added, changed, removed }: RegistryPlan): boolean {
  return added.length + changed.length + removed.length === 0;
}

async function ensureChannels(document: RegistryDocument, channels: ConsumerChannels): Promise<string[]> {
  const created: string[] = [];
  for (const consumer of toConsumers(document)) {
    if ((await channels.ensure(consumer)) === 'created') created.push(consumer);
  }
  return created;
}

/** Only while our version is still in force: a newer one may need a channel that this one does not. */
async function removeChannels(document: RegistryDocument, version: string, deps: ApplyDeps): Promise<string[]> {
  const needed = new Set(toConsumers(document));
  const existing = await deps.channels.list();
  const unneeded = existing.filter((name) => !needed.has(name) && DataProductKey.safeParse(name).success);
  if (unneeded.length === 0 || (await deps.registryStore.pointer())?.version !== version) return [];
  for (const consumer of unneeded) await deps.channels.remove(consumer);
  return unneeded;
}
