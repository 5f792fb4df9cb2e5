import type { AuditRecord } from '../../contracts/audit.js';
import type { RegistryDocument } from '../../contracts/registry.js';
import { fromRegistryVersion, type RegistryPlan, toRegistryVersion } from '../../domain/registry/plan.js';
import type { AuditLog } from '../../ports/audit-log.js';
import type { Clock } from '../../ports/clock.js';
import type { ConsumerChannels } from '../../ports/consumer-channels.js';
import type { RegistryPointer, RegistryStore } from '../../ports/registry-store.js';
import { type ChannelChanges, ensureChannels, removeChannels } from './channels.js';

export interface ApplyDeps {
  readonly registryStore: RegistryStore;
  readonly channels: ConsumerChannels;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
}

/** Who changes the registry, and under which conditions. */
export interface ChangeRequest {
  readonly actor: string;
  readonly reason?: string;
  /** The version the change was made for: anything else in force means somebody was faster. */
  readonly expected?: string;
  /** Whether channels may be removed with the messages they hold. */
  readonly mayLoseMessages?: boolean;
}

/** What became of a document that was checked already. */
export type PublishOutcome =
  | { readonly kind: 'applied'; readonly version: string; readonly channels: ChannelChanges }
  /** Somebody else applied in between; nothing of this document is in force. */
  | { readonly kind: 'overtaken'; readonly by: RegistryPointer | undefined };

/**
 * Put a checked document in force after `base`, and write down who did it.
 *
 * A topic drops what matches no channel, so channels are there before the version that sends to them, and go after it.
 */
export async function publishRegistry(
  { document, base, plan }: { document: RegistryDocument; base: RegistryPointer | undefined; plan: RegistryPlan },
  request: ChangeRequest & { readonly action: string },
  deps: ApplyDeps,
): Promise<PublishOutcome> {
  const { registryStore } = deps;
  const created = await ensureChannels(document, deps.channels);
  const version = toRegistryVersion(fromRegistryVersion(base?.version) + 1, document);
  const at = new Date(deps.clock.nowMs()).toISOString();
  const { actor, reason } = request;
  const stamp = { appliedAt: at, appliedBy: actor, ...(reason !== undefined && { reason }) };
  const won = await registryStore.publish({ version, document, expected: base, ...stamp });
  if (!won) return { kind: 'overtaken', by: await registryStore.pointer() };
  await deps.auditLog.append({
    at,
    actor,
    action: request.action,
    target: version,
    ...(reason !== undefined && { reason }),
    details: toDetails(base, plan),
  });
  return { kind: 'applied', version, channels: { created, ...(await tidyChannels(document, version, request, deps)) } };
}

/**
 * Only while our version is still in force: a newer one may need a channel that this one does not. One that came into
 * force while channels were going gets its own back at once; a topic drops what matches no channel.
 */
export async function tidyChannels(
  document: RegistryDocument,
  version: string,
  request: Pick<ChangeRequest, 'mayLoseMessages'>,
  { registryStore, channels }: Pick<ApplyDeps, 'registryStore' | 'channels'>,
): Promise<Pick<ChannelChanges, 'removed' | 'kept'>> {
  if ((await registryStore.pointer())?.version !== version) return { removed: [], kept: [] };
  const tidied = await removeChannels(document, channels, request.mayLoseMessages === true);
  const now = tidied.removed.length === 0 ? undefined : await registryStore.pointer();
  if (now !== undefined && now.version !== version)
    await ensureChannels(await registryStore.load(now.version), channels);
  return tidied;
}

/** Keys named in an audit record; a registry of a hundred thousand entries must still fit into a row. */
const keysNamed = 100;

function toDetails(
  base: RegistryPointer | undefined,
  { added, changed, removed }: RegistryPlan,
): AuditRecord['details'] {
  const side = (items: RegistryPlan['added']): { count: number; keys: string[] } => {
    return { count: items.length, keys: items.slice(0, keysNamed).map(({ key }) => key.slice(0, 256)) };
  };
  return { base: base?.version ?? null, added: side(added), changed: side(changed), removed: side(removed) };
}
