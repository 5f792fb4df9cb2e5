import type { Settings } from '../config/settings.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { ConsumerChannels } from '../ports/consumer-channels.js';
import type { ControlStore } from '../ports/control-store.js';
import type { DeadLetters } from '../ports/dead-letters.js';
import type { EventPublisher } from '../ports/event-publisher.js';
import type { Ledger } from '../ports/ledger.js';
import type { PortStates } from '../ports/port-states.js';
import type { LedgerQueries } from '../ports/ledger-queries.js';
import type { QuarantineDesk } from '../ports/quarantine-desk.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { RegistryStore } from '../ports/registry-store.js';
import type { ReplayStore } from '../ports/replay-store.js';
import type { SignalQueries } from '../ports/signal-queries.js';
import type { SignalStore } from '../ports/signal-store.js';
import type { StageQueues } from '../ports/stage-queues.js';
import type { TriggerTopic } from '../ports/trigger-topic.js';
import { createEventHubPublisher } from './event-hubs/publisher.js';
import { openServiceBus, openServiceBusAdministration } from './service-bus/clients.js';
import { createServiceBusConsumerChannels } from './service-bus/consumer-channels.js';
import { createServiceBusDeadLetters } from './service-bus/dead-letters.js';
import { createServiceBusStageQueues } from './service-bus/stage-queues.js';
import { createServiceBusTriggerTopic } from './service-bus/trigger-topic.js';
import { createTableAuditLog } from './table/audit-log.js';
import { createTableControlStore } from './table/control-store.js';
import { createTableLedger } from './table/ledger.js';
import { createTablePortStates } from './table/port-states.js';
import { createTableLedgerQueries } from './table/ledger-queries.js';
import { createTableQuarantineDesk } from './table/quarantine-desk.js';
import { createTableQuarantineStore } from './table/quarantine-store.js';
import { createTableRegistryStore } from './table/registry-store.js';
import { createTableReplayStore } from './table/replay-store.js';
import { createTableSignalQueries } from './table/signal-queries.js';
import { createTableSignalStore } from './table/signal-store.js';
import { ensureTables, openTables } from './table/tables.js';

/** The stores on Table Storage. */
export interface Stores {
  readonly signals: SignalStore;
  readonly ledger: Ledger;
  readonly portStates: PortStates;
  readonly quarantine: QuarantineStore;
  readonly registryStore: RegistryStore;
  readonly signalQueries: SignalQueries;
  readonly ledgerQueries: LedgerQueries;
  readonly quarantineDesk: QuarantineDesk;
  readonly controlStore: ControlStore;
  readonly auditLog: AuditLog;
  readonly replayStore: ReplayStore;
  /** Create the tables that do not exist. */
  ensureTables(): Promise<void>;
}

/** Every port on its Azure service. */
export interface Adapters extends Stores {
  readonly queues: StageQueues;
  readonly topic: TriggerTopic;
  readonly publisher: EventPublisher;
  readonly deadLetters: DeadLetters;
  close(): Promise<void>;
}

/** The stores that settings describe; does no I/O. */
export function openStores(settings: Settings): Stores {
  const { buckets, stages } = settings;
  const tables = openTables(settings.tables, settings.tablePrefix);
  return {
    signals: createTableSignalStore(tables, { buckets, stages }),
    ledger: createTableLedger(tables, { buckets }),
    portStates: createTablePortStates(tables, { buckets }),
    quarantine: createTableQuarantineStore(tables),
    registryStore: createTableRegistryStore(tables, { buckets }),
    signalQueries: createTableSignalQueries(tables, { buckets }),
    ledgerQueries: createTableLedgerQueries(tables, { buckets }),
    quarantineDesk: createTableQuarantineDesk(tables),
    controlStore: createTableControlStore(tables),
    auditLog: createTableAuditLog(tables),
    replayStore: createTableReplayStore(tables),
    ensureTables: () => ensureTables(tables),
  };
}

/** All adapters that settings describe; connections open with the first use. */
export function openAdapters(settings: Settings): Adapters {
  const client = openServiceBus(settings.serviceBus);
  const admin = openServiceBusAdministration(settings.serviceBus, settings.serviceBusAdminUrl);
  const { queues, topic } = settings;
  const publisher = createEventHubPublisher(settings.eventHub, settings.hub);
  return {
    ...openStores(settings),
    queues: createServiceBusStageQueues(client, queues),
    topic: createServiceBusTriggerTopic(client, topic),
    publisher,
    deadLetters: createServiceBusDeadLetters({ client, admin, nowMs: () => Date.now() }, { queues, topic }),
    close: async () => {
      await Promise.all([client.close(), publisher.close()]);
    },
  };
}

/** The consumers' channels on the trigger topic; needs the right to manage the namespace. */
export function openConsumerChannels(settings: Settings): ConsumerChannels {
  const admin = openServiceBusAdministration(settings.serviceBus, settings.serviceBusAdminUrl);
  return createServiceBusConsumerChannels(admin, settings.topic);
}
