import { join } from 'node:path';
import { listen } from './amqp/listener.js';
import { startAdmin } from './admin/server.js';
import { createEventHubsFamily, HubReaders } from './event-hubs/family.js';
import { type HubDescription, Hubs } from './event-hubs/hubs.js';
import { type Journal, memoryJournal, openJournal } from './journal/journal.js';
import type { JournalRecord } from './journal/record.js';
import { compactionRecords, replayRecord } from './restore.js';
import type {
  QueueDescription,
  SubscriptionDescription,
  TopicDescription,
  WaitingSettings,
} from './service-bus/entities.js';
import { waitingDefaults } from './service-bus/entities.js';
import { createQueue, createSubscription, createTopic, defaultRule } from './service-bus/entity-store.js';
import { createServiceBusFamily, ReceiverRegistry } from './service-bus/family.js';
import { Namespace } from './service-bus/namespace.js';

type Named<T extends { name: string }> = Pick<T, 'name'> & Partial<Omit<T, 'name'>>;

/** Entities to create at start when they do not exist. */
export interface BrokerEntities {
  readonly hubs?: readonly HubDescription[];
  readonly queues?: readonly Named<QueueDescription>[];
  readonly topics?: readonly (Named<TopicDescription> & {
    readonly subscriptions?: readonly Named<SubscriptionDescription>[];
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
const compactAboveBytes = 4 * 1024 * 1024;

/** Start a broker: AMQP for messages, HTTP for management. Rejects with the socket error when a port is taken. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host = '127.0.0.1', nowMs = Date.now, entities } = options;
  const records: JournalRecord[] = [];
  const journal = await openBrokerJournal(options.dataDir, (record) => records.push(record));
  const receivers = new ReceiverRegistry();
  const readers = new HubReaders();
  const namespace = new Namespace(journal, nowMs, (queue) => receivers.wake(queue));
  const hubs = new Hubs(entities.hubs ?? [], { journal, nowMs, onAppend: (hub, id) => readers.wake(hub, id) });
  for (const record of records) replayRecord(record, namespace, hubs);
  if (journal.sizeBytes() > compactAboveBytes) await journal.compact(compactionRecords(namespace, hubs));
  await declare(namespace, entities);

  const families = [createEventHubsFamily(hubs, readers), createServiceBusFamily(namespace, receivers)];
  const listener = await listen({ host, port: options.amqpPort, families });
  const admin = await startAdmin(namespace, { host, port: options.adminPort });
  const timer = setInterval(() => namespace.tick(), tickMs);
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
  for (const queue of queues) await createQueue(namespace, { ...waitingDefaults, ...defined(queue) });
  for (const { subscriptions = [], ...topic } of topics) {
    await createTopic(namespace, topic);
    for (const subscription of subscriptions) {
      const description = { ...waitingDefaults, ...defined(subscription), topic: topic.name };
      await createSubscription(namespace, description, [defaultRule(namespace.nowMs())]);
    }
  }
}

/** Settings given as undefined do not override a default. */
function defined<T extends { name: string } & Partial<WaitingSettings>>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T; // only undefined members go
}
