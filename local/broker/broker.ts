import { join } from 'node:path';
import { listen } from './amqp/listener.js';
import { startAdmin } from './admin/server.js';
import { createEventHubsFamily, HubReaders } from './event-hubs/family.js';
import { type HubDescription, Hubs } from './event-hubs/hubs.js';
import { type Journal, memoryJournal, openJournal } from '../journal/journal.js';
import type { JournalRecord } from '../journal/record.js';
import { watchSize } from '../journal/watch-size.js';
import { compactionRecords, replayRecord } from './restore.js';
import {
  queueDefaults,
  type QueueSpec,
  subscriptionDefaults,
  type SubscriptionSpec,
  topicDefaults,
  type TopicSpec,
} from './service-bus/entities.js';
import { createQueue, createSubscription, createTopic, defaultRule } from './service-bus/entity-store.js';
import { createServiceBusFamily, ReceiverRegistry } from './service-bus/family.js';
import { removeIdle } from './service-bus/idle.js';
import { Namespace } from './service-bus/namespace.js';
import { tick } from './service-bus/sending.js';

type Named<T extends { name: string }> = Pick<T, 'name'> & Partial<Omit<T, 'name' | 'topic'>>;

/** Entities to create at start when they do not exist. */
export interface BrokerEntities {
  readonly hubs?: readonly HubDescription[];
  readonly queues?: readonly Named<QueueSpec>[];
  readonly topics?: readonly (Named<TopicSpec> & {
    readonly subscriptions?: readonly Named<SubscriptionSpec>[];
  })[];
}

export interface BrokerOptions {
  readonly host?: string;
  /** 0 takes a free port. */
  readonly amqpPort: number;
  readonly adminPort: number;
  /** Folder of the journal; absent keeps everything in memory. */
  readonly dataDir?: string;
  readonly entities: BrokerEntities;
  /** A running broker's journal is rewritten when it is above this and has tripled since its start. Default: 64 MiB. */
  readonly compactAboveBytes?: number;
  readonly nowMs?: () => number;
}

/** A running broker. */
export interface Broker {
  readonly amqpPort: number;
  readonly adminPort: number;
  readonly connectionString: string;
  close(): Promise<void>;
}

/** How often time-driven changes are looked for, in milliseconds. */
const tickMs = 25;
/** A journal larger than this is rewritten at start. */
const compactAtStartAboveBytes = 4 * 1024 * 1024;
const defaultCompactAboveBytes = 64 * 1024 * 1024;

/** Start a broker: AMQP for messages, HTTP for management. Rejects with the socket error when a port is taken. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host = '127.0.0.1', nowMs = Date.now, entities } = options;
  const records: JournalRecord[] = [];
  const journal = await openBrokerJournal(options.dataDir, (record) => records.push(record));
  const receivers = new ReceiverRegistry();
  const readers = new HubReaders();
  const namespace = new Namespace(journal, nowMs, {
    onReady: (queue) => receivers.wake(queue),
    onShut: (queue, reason) => receivers.shut(queue, reason),
  });
  const hubs = new Hubs(entities.hubs ?? [], { journal, nowMs, onAppend: (hub, id) => readers.wake(hub, id) });
  for (const record of records.splice(0)) replayRecord(record, namespace, hubs);
  hubs.trim();
  if (journal.sizeBytes() > compactAtStartAboveBytes) await journal.compact(compactionRecords(namespace, hubs));
  await declare(namespace, entities);

  const families = [createEventHubsFamily(hubs, readers), createServiceBusFamily(namespace, receivers)];
  const listener = await listen({ host, port: options.amqpPort, families });
  const admin = await startAdmin(namespace, { host, port: options.adminPort });
  const { compactAboveBytes = defaultCompactAboveBytes } = options;
  const compactIfGrown = watchSize(journal, compactAboveBytes, () => compactionRecords(namespace, hubs));
  const timer = setInterval(() => {
    tick(namespace);
    hubs.trim();
    removeIdle(namespace, (queue) => receivers.has(queue)).catch(() => undefined); // a dead journal refuses everything
    compactIfGrown();
  }, tickMs);
  return {
    amqpPort: listener.port,
    adminPort: admin.port,
    connectionString: toConnectionString(host, listener.port),
    async close() {
      clearInterval(timer);
      await Promise.all([listener.close(), admin.close()]);
      await journal.close();
    },
  };
}

function openBrokerJournal(dataDir: string | undefined, onRecord: (record: JournalRecord) => void): Promise<Journal> {
  return dataDir === undefined
    ? Promise.resolve(memoryJournal())
    : openJournal(join(dataDir, 'broker.journal'), onRecord);
}

/** The emulator flag keeps clients on plain TCP; the key is checked by nobody. */
function toConnectionString(host: string, port: number): string {
  return `Endpoint=sb://${host}:${port};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`;
}

async function declare(namespace: Namespace, { queues = [], topics = [] }: BrokerEntities): Promise<void> {
  for (const queue of queues) await createQueue(namespace, { ...queueDefaults, ...defined(queue) });
  for (const { subscriptions = [], ...topic } of topics) {
    await createTopic(namespace, { ...topicDefaults, ...defined(topic) });
    for (const subscription of subscriptions) {
      const spec = { ...subscriptionDefaults, ...defined(subscription), topic: topic.name };
      await createSubscription(namespace, spec, [defaultRule(namespace.nowMs())]);
    }
  }
}

/** Settings given as undefined do not override a default. */
function defined<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T; // only undefined members go
}
