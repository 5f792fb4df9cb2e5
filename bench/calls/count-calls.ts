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
import { parseSettings, type Settings } from '../../shared/config/settings.js';
import {
  DispatchMessage,
  EvaluateMessage,
  NormalizeMessage,
  type StageMessage,
} from '../../shared/contracts/stage-messages.js';
import { type Parse, runBatch } from '../../shared/pipeline/batch-driver.js';
import { dispatch } from '../../shared/pipeline/dispatch.js';
import { evaluate } from '../../shared/pipeline/evaluate.js';
import type { HubEvent } from '../../shared/pipeline/hub-event.js';
import { ingest } from '../../shared/pipeline/ingest.js';
import { normalize } from '../../shared/pipeline/normalize.js';
import { noPauses } from '../../shared/pipeline/pause-source.js';
import { createRegistrySource } from '../../shared/pipeline/registry-source.js';
import { toRegistry, toSeal } from '../workload.js';
import { CountingServiceBusClient, countingTableOptions, newTally, type Tally } from './counting-clients.js';

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
  /** Push events through all functions, `batch` at a time. */
  run(events: number, batch: number): Promise<CallCounts>;
  stop(): Promise<void>;
}

/** Over as many buckets as `infra/` spreads rows. */
const azureBuckets = '8';

/** Start what counting needs; the tables and the registry are in place when it resolves. */
export async function startCountedPipeline(): Promise<CountedPipeline> {
  const storagePorts = { blob: await freePort(), queue: await freePort(), table: await freePort() };
  const azurite = azuriteResource({ ports: storagePorts, dataDir: undefined, logDir: undefined, onOutput: undefined });
  await azurite.up();
  const connections = { EVENTHUB: 'x', SERVICEBUS: 'x', OUTPORT_TABLES: toStorageConnection(storagePorts) };
  const named = parseSettings({ ...connections, OUTPORT_BUCKETS: azureBuckets });
  const broker = await startBroker({ amqpPort: 0, adminPort: 0, entities: toEntitiesWithSink(named) });
  const tally = newTally();
  const client = new CountingServiceBusClient(broker.connectionString, tally);
  const stages = await openStages(client, named, tally);
  let started = 0;
  return {
    run: async (events, batch) => {
      const run = `run-${(started += 1)}`;
      const before = { ...tally };
      const invocations = await pushThrough(stages, { run, events, batch });
      const triggers = await takeAll(client.createReceiver(named.topic, sink, { receiveMode: 'receiveAndDelete' }));
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
  readonly run: (delivered: readonly unknown[]) => Promise<unknown>;
}

interface Stages {
  readonly ingest: (events: readonly HubEvent[]) => Promise<unknown>;
  readonly queues: readonly QueueStage[];
  readonly tally: Tally;
}

async function openStages(client: CountingServiceBusClient, settings: Settings, tally: Tally): Promise<Stages> {
  const { buckets, stages, queues: names } = settings;
  const tables = openTables(settings.tables, settings.tablePrefix, countingTableOptions(tally));
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
  const stage = <M extends StageMessage>(
    kind: M['kind'],
    parse: Parse<M>,
    handle: (messages: readonly M[]) => Promise<unknown>,
  ): QueueStage => ({
    receiver: client.createReceiver(names[kind]),
    run: (delivered) => runBatch({ queue: kind, delivered, parse, handle }, deps),
  });
  return {
    tally,
    ingest: (events) => ingest(events, deps),
    queues: [
      stage(
        'normalize',
        (m) => NormalizeMessage.safeParse(m),
        (messages) => normalize(messages, deps),
      ),
      stage(
        'evaluate',
        (m) => EvaluateMessage.safeParse(m),
        (messages) => evaluate(messages, deps),
      ),
      stage(
        'dispatch',
        (m) => DispatchMessage.safeParse(m),
        (messages) => dispatch(messages, deps),
      ),
    ],
  };
}

/** Each stage's queue is emptied before the next batch enters, so no batch is larger than asked for. */
async function pushThrough(stages: Stages, { run, events, batch }: { run: string; events: number; batch: number }) {
  let invocations = 0;
  for (let from = 0; from < events; from += batch) {
    const count = Math.min(batch, events - from);
    const hubEvents = Array.from({ length: count }, (_, index) => toHubEvent(run, from + index));
    let waiting = await countSent(stages.tally, () => stages.ingest(hubEvents));
    invocations += 1;
    for (const stage of stages.queues) {
      waiting = await countSent(stages.tally, () => drain(stage, waiting));
      invocations += 1;
    }
  }
  return invocations;
}

async function countSent(tally: Tally, work: () => Promise<unknown>): Promise<number> {
  const before = tally.sentMessages;
  await work();
  return tally.sentMessages - before;
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

function toHubEvent(run: string, n: number): HubEvent {
  const enqueuedAt = new Date(0).toISOString();
  const origin = { hub: run, partition: '0', sequenceNumber: String(n), offset: String(n), enqueuedAt };
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
