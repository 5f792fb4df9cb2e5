import { EventHubProducerClient } from '@azure/event-hubs';
import { openConsumerChannels, openStores } from '../../shared/adapters/open-adapters.js';
import { toCredential } from '../../shared/adapters/credential.js';
import { openServiceBus } from '../../shared/adapters/service-bus/clients.js';
import { type Settings, SettingsError } from '../../shared/config/settings.js';
import { toConsumers } from '../../shared/domain/registry/plan.js';
import { TerminalError } from '../../shared/ports/errors.js';
import { loadSettings } from '../environment.js';

/** What one check found. */
export interface Finding {
  readonly check: string;
  /** `look`: it works, but somebody should know. */
  readonly state: 'well' | 'look' | 'broken';
  readonly detail: string;
  readonly next?: string;
}

/** Longest time for one check, in milliseconds. */
const checkTimeoutMs = 30_000;

/** Run every check that makes sense; without usable settings there is only one. */
export async function runChecks(): Promise<Finding[]> {
  const settings = readSettings();
  if (!('hub' in settings)) return [settings];
  const checks: [string, () => Promise<Finding>][] = [
    ['storage', () => checkStorage(settings)],
    ['registry', () => checkRegistry(settings)],
    ['controls', () => checkControls(settings)],
    ['hub', () => checkHub(settings)],
    ...Object.values(settings.queues).map((queue): [string, () => Promise<Finding>] => [
      `queue ${queue}`,
      () => checkQueue(settings, queue),
    ]),
    ['consumers', () => checkConsumers(settings)],
  ];
  const found = await Promise.all(checks.map(([check, run]) => guard(check, run)));
  return [{ check: 'settings', state: 'well', detail: `stages ${settings.stages.join(', ')}` }, ...found];
}

function readSettings(): Settings | Finding {
  try {
    return loadSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const next = 'set them in the environment or in local.settings.json; local.settings.sample.json shows all';
    return { check: 'settings', state: 'broken', detail: error.problems.join('; '), next };
  }
}

async function guard(check: string, run: () => Promise<Finding>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${checkTimeoutMs / 1_000} seconds`)), checkTimeoutMs);
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    return { check, state: 'broken', detail: toText(error), next: toNext(error) };
  } finally {
    clearTimeout(timer);
  }
}

function toText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error && error.message.endsWith(': ') ? error.cause.message : '';
  return (error.message + inner).slice(0, 400);
}

function toNext(error: unknown): string {
  const text = `${error instanceof Error ? `${error.message} ${error.name}` : ''} ${codeOf(error)}`;
  if (/Unauthorized|Forbidden|\b40[13]\b|AuthorizationFailure|Authentication/i.test(text)) {
    return 'give this identity the data roles that the deployment lists, or mend the connection string';
  }
  if (/TableNotFound|does not exist/i.test(text)) return 'run "outport registry apply", which creates the tables';
  if (/MessagingEntityNotFound|NotFound|\b404\b/i.test(text))
    return 'create the entity, or mend its name in the settings';
  if (error instanceof TerminalError) return 'mend names, rights or the connection string';
  return 'start the embedded stack with "outport start", or check host, network and firewall of the service';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

async function checkStorage(settings: Settings): Promise<Finding> {
  const stores = openStores(settings);
  await Promise.all([
    stores.registryStore.pointer(),
    stores.signals.findByEventId('doctor'),
    stores.ledger.get(`${settings.stages[0] ?? 'dev'}.00.aaaaaaaaaaaaaaaaaaaaaaaaaa`),
    stores.quarantineDesk.findByEventId('doctor'),
    stores.auditLog.list({ limit: 1 }),
  ]);
  return { check: 'storage', state: 'well', detail: `tables with prefix ${settings.tablePrefix} answer` };
}

async function checkRegistry(settings: Settings): Promise<Finding> {
  const pointer = await openStores(settings).registryStore.pointer();
  const check = 'registry';
  if (pointer === undefined) {
    const next = 'run "outport registry apply <dir>"; until then every event is quarantined';
    return { check, state: 'broken', detail: 'no registry is in force', next };
  }
  return { check, state: 'well', detail: `${pointer.version}, applied ${pointer.appliedAt} by ${pointer.appliedBy}` };
}

async function checkControls(settings: Settings): Promise<Finding> {
  const { pauses } = await openStores(settings).controlStore.read();
  const check = 'controls';
  if (pauses.length === 0) return { check, state: 'well', detail: 'nothing is paused' };
  const next = '"outport controls" lists them, "outport resume" ends one';
  return { check, state: 'look', detail: `${pauses.length} pauses hold triggers`, next };
}

async function checkHub({ eventHub, hub }: Settings): Promise<Finding> {
  const client =
    eventHub.kind === 'connection-string'
      ? new EventHubProducerClient(eventHub.value, hub, { retryOptions: { maxRetries: 0 } })
      : new EventHubProducerClient(eventHub.endpoint, hub, toCredential(eventHub), { retryOptions: { maxRetries: 0 } });
  try {
    const partitions = await client.getPartitionIds();
    return { check: 'hub', state: 'well', detail: `${hub} has ${partitions.length} partitions` };
  } finally {
    await client.close();
  }
}

async function checkQueue({ serviceBus }: Settings, queue: string): Promise<Finding> {
  const check = `queue ${queue}`;
  const client = openServiceBus(serviceBus);
  try {
    await client.createReceiver(queue).peekMessages(1);
    const dead = await client.createReceiver(queue, { subQueueType: 'deadLetter' }).peekMessages(100);
    if (dead.length === 0) return { check, state: 'well', detail: 'answers; no dead letters' };
    const next = `"outport dead-letters list --queue ${queue}" shows them`;
    return {
      check,
      state: 'look',
      detail: `${dead.length}${dead.length === 100 ? ' or more' : ''} dead letters`,
      next,
    };
  } finally {
    await client.close();
  }
}

/** Every consumer of the registry needs its channel, or its triggers are dropped by the topic. */
async function checkConsumers(settings: Settings): Promise<Finding> {
  const { registryStore } = openStores(settings);
  const check = 'consumers';
  const pointer = await registryStore.pointer();
  const wanted = pointer ? toConsumers(await registryStore.load(pointer.version)) : [];
  const existing = new Set(await openConsumerChannels(settings).list());
  const missing = wanted.filter((consumer) => !existing.has(consumer));
  if (missing.length === 0) return { check, state: 'well', detail: `${wanted.length} consumers have their channel` };
  const next = 'run "outport registry apply" again; it creates missing channels';
  return { check, state: 'broken', detail: `without a channel: ${missing.join(', ')}`, next };
}
