import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { toEntities } from '../../cli/start/entities.js';
import { startBroker, type BrokerEntities } from '../../local/broker/broker.js';
import { azuriteResource, toStorageConnection } from '../../local/stack/azurite.js';
import { settlePort } from '../../local/stack/ports.js';
import { createServiceBusStageQueues } from '../../shared/adapters/service-bus/stage-queues.js';
import { createServiceBusTriggerTopic } from '../../shared/adapters/service-bus/trigger-topic.js';
import { createTableLedger } from '../../shared/adapters/table/ledger.js';
import { createTablePortStates } from '../../shared/adapters/table/port-states.js';
import { createTableQuarantineStore } from '../../shared/adapters/table/quarantine-store.js';
import { createTableRegistryStore } from '../../shared/adapters/table/registry-store.js';
import { createTableSignalStore } from '../../shared/adapters/table/signal-store.js';
import { ensureTables, openTables } from '../../shared/adapters/table/tables.js';
import { type HandOn, parseSettings, type Settings } from '../../shared/config/settings.js';
import {
  DispatchMessage,
  EvaluateMessage,
  NormalizeMessage,
  type StageMessage,
} from '../../shared/contracts/stage-messages.js';
import { type Parse, runBatch } from '../../shared/pipeline/batch-driver.js';
import type { HubEvent } from '../../shared/pipeline/hub-event.js';
import { noPauses } from '../../shared/pipeline/pause-source.js';
import { createRegistrySource } from '../../shared/pipeline/registry-source.js';
import type { StageReport } from '../../shared/pipeline/stage-report.js';
import { createDirectMemory, toDirectStages, toQueuedStages } from '../../shared/pipeline/stages.js';
import { toRegistry, toSeal } from '../workload.js';
import { CountingServiceBusClient, countingRequests, newTally, type Tally } from './counting-clients.js';

/** What a number of events cost, counted at the clients. */
export interface CallCounts extends Readonly<Tally> {
  readonly events: number;
  /** Function invocations: batches received, hub and queues. */
  readonly invocations: number;
  /** Triggers on the topic; one per event when nothing was lost or doubled. */
  readonly triggers: number;
}

/** The real adapters on a broker and an Azurite of their own. */
export interface CountedPipeline {
  /** Push events through all functions, `batch` at a time, as a process does that has read from the hub before. */
  run(events: number, batch: number): Promise<CallCounts>;
  stop(): Promise<void>;
}

/** Over as many buckets as `infra/` spreads rows. */
const azureBuckets = '8';

/** Start what counting needs; the tables and the registry are in place when it resolves. */
export async function startCountedPipeline(handOn: HandOn): Promise<CountedPipeline> {
  const storagePorts = { blob: await freePort(), queue: await freePort(), table: await freePort() };
  const azurite = azuriteResource({ ports: storagePorts, dataDir: undefined, logDir: undefined, onOutput: undefined });
  await azurite.up();
  const connections = { EVENTHUB: 'x', SERVICEBUS: 'x', OUTPORT_TABLES: toStorageConnection(storagePorts) };
  const named = parseSettings({ ...connections, OUTPORT_BUCKETS: azureBuckets, OUTPORT_HAND_ON: handOn });
  const broker = await startBroker({ amqpPort: 0, adminPort: 0, entities: toEntitiesWithSink(named) });
  const tally = newTally();
  const client = new CountingServiceBusClient(broker.connectionString, tally);
  const stages = await openStages(client, named, tally);
  let started = 0;
  let place = 0;
  const push = async (events: number, batch: number): Promise<number> => {
    const invocations = await pushThrough(stages, { run: `run-${(started += 1)}`, from: place, events, batch });
    place += events;
    return invocations;
  };
  const takeTriggers = (): Promise<number> =>
    takeAll(client.createReceiver(named.topic, sink, { receiveMode: 'receiveAndDelete' }));
  // The first batch that a process reads goes through the queues; it is not counted.
  await push(1, 1);
  await takeTriggers();
  return {
    run: async (events, batch) => {
      const before = { ...tally };
      const invocations = await push(events, batch);
      const triggers = await takeTriggers();
      return { events, invocations, triggers, ...difference(tally, before) };
    },
    stop: async () => {
      await client.close();
      await broker.close();
      await azurite.down();
    },
  };
}

const sink = 'everything';

/** One subscription without a filter sees every trigger. */
function toEntitiesWithSink(settings: Settings): BrokerEntities {
  const entities = toEntities(settings) as BrokerEntities; // the form the embedded broker reads
  return { ...entities, topics: [{ ...entities.topics?.[0], name: settings.topic, subscriptions: [{ name: sink }] }] };
}

const freePort = (): Promise<number> => settlePort({ option: 'port', port: 0 });

interface QueueStage {
  readonly receiver: ServiceBusReceiver;
  /** Messages that were sent to the queue so far. */
  readonly sent: () => number;
  readonly run: (delivered: readonly unknown[]) => Promise<unknown>;
}

interface CountedStages {
  readonly ingest: (events: readonly HubEvent[]) => Promise<unknown>;
  readonly queues: readonly QueueStage[];
}

async function openStages(client: CountingServiceBusClient, settings: Settings, tally: Tally): Promise<CountedStages> {
  const { buckets, stages, queues: names } = settings;
  const tables = openTables(settings.tables, settings.tablePrefix, countingRequests(tally));
  await ensureTables(tables);
  const registryStore = createTableRegistryStore(tables, { buckets });
  const document = toRegistry(50);
  await registryStore.publish({ version: '000001-bench', document, expected: undefined, appliedAt: '', appliedBy: '' });
  const clock = { nowMs: () => Date.now() };
  const deps = {
    signals: createTableSignalStore(tables, { buckets, stages }),
    ledger: createTableLedger(tables, { buckets }),
    portStates: createTablePortStates(tables, { buckets }),
    pauses: noPauses,
    quarantine: createTableQuarantineStore(tables),
    queues: createServiceBusStageQueues(client, names),
    topic: createServiceBusTriggerTopic(client, settings.topic),
    registry: createRegistrySource(registryStore, clock, settings.registryRefreshMs),
    stages,
    clock,
    leaseMs: settings.dispatchLeaseMs,
  };
  const memory = createDirectMemory(clock);
  const work = settings.handOn === 'direct' ? toDirectStages(deps, memory, failing) : toQueuedStages(deps);
  const stage = <M extends StageMessage>(
    kind: M['kind'],
    parse: Parse<M>,
    handle: (messages: readonly M[]) => Promise<unknown>,
  ): QueueStage => ({
    receiver: client.createReceiver(names[kind]),
    sent: () => client.sentTo.get(names[kind]) ?? 0,
    run: (delivered) => runBatch({ queue: kind, delivered, parse, handle }, deps),
  });
  return {
    ingest: work.ingest,
    queues: [
      stage('normalize', (m) => NormalizeMessage.safeParse(m), work.normalize),
      stage('evaluate', (m) => EvaluateMessage.safeParse(m), work.evaluate),
      stage('dispatch', (m) => DispatchMessage.safeParse(m), work.dispatch),
    ],
  };
}

/** What is counted is a run in which nothing fails. */
const failing: StageReport = {
  handled: () => undefined,
  fault: (stage, error) => {
    throw new Error(`${stage} failed while calls were counted`, { cause: error });
  },
};

interface Push {
  readonly run: string;
  /** Place in the hub of its first event. */
  readonly from: number;
  readonly events: number;
  readonly batch: number;
}

/** Each stage's queue is emptied before the next batch enters, so no batch is larger than asked for. */
async function pushThrough(stages: CountedStages, { run, from, events, batch }: Push): Promise<number> {
  let invocations = 0;
  for (let done = 0; done < events; done += batch) {
    const count = Math.min(batch, events - done);
    const before = stages.queues.map(({ sent }) => sent());
    await stages.ingest(Array.from({ length: count }, (_, index) => toHubEvent(run, done + index, from)));
    invocations += 1;
    for (const [index, stage] of stages.queues.entries()) {
      const waiting = stage.sent() - (before[index] ?? 0);
      if (waiting === 0) continue;
      await drain(stage, waiting);
      invocations += 1;
    }
  }
  return invocations;
}

/** One invocation with all that waits: never more than one batch of events, so never more than a host hands over. */
async function drain({ receiver, run }: QueueStage, waiting: number): Promise<void> {
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < waiting) {
    // Asking for more than there is would make the client linger for the rest.
    const more = await receiver.receiveMessages(waiting - messages.length, { maxWaitTimeInMs: 5_000 });
    if (more.length === 0) throw new Error(`${waiting - messages.length} never came on ${receiver.entityPath}`);
    messages.push(...more);
  }
  await run(messages.map(({ body }): unknown => body));
  await Promise.all(messages.map((message) => receiver.completeMessage(message)));
}

function toHubEvent(run: string, n: number, from: number): HubEvent {
  const enqueuedAt = new Date(0).toISOString();
  const place = String(from + n);
  const origin = { hub: 'counted', partition: '0', sequenceNumber: place, offset: place, enqueuedAt };
  return { body: Buffer.from(JSON.stringify(toSeal(run, n))), properties: {}, origin };
}

async function takeAll(receiver: ServiceBusReceiver): Promise<number> {
  const ids = new Set<string>();
  for (;;) {
    const messages = await receiver.receiveMessages(500, { maxWaitTimeInMs: 500 });
    if (messages.length === 0) break;
    for (const { messageId } of messages) ids.add(String(messageId));
  }
  await receiver.close();
  return ids.size;
}

function difference(after: Tally, before: Tally): Tally {
  return {
    tableRequests: after.tableRequests - before.tableRequests,
    sends: after.sends - before.sends,
    sentMessages: after.sentMessages - before.sentMessages,
    sentBytes: after.sentBytes - before.sentBytes,
  };
}
