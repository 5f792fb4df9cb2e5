import type { Settings } from '../config/settings.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { ConsumerChannels } from '../ports/consumer-channels.js';
import type { Ledger } from '../ports/ledger.js';
import type { PortStates } from '../ports/port-states.js';
import type { QuarantineStore } from '../ports/quarantine-store.js';
import type { RegistryStore } from '../ports/registry-store.js';
import type { SignalHistory } from '../ports/signal-history.js';
import type { SignalStore } from '../ports/signal-store.js';
import type { StageQueues } from '../ports/stage-queues.js';
import type { TriggerTopic } from '../ports/trigger-topic.js';
import { openServiceBus, openServiceBusAdministration } from './service-bus/clients.js';
import { createServiceBusConsumerChannels } from './service-bus/consumer-channels.js';
import { createServiceBusStageQueues } from './service-bus/stage-queues.js';
import { createServiceBusTriggerTopic } from './service-bus/trigger-topic.js';
import { createTableAuditLog } from './table/audit-log.js';
import { createTableLedger } from './table/ledger.js';
import { createTablePortStates } from './table/port-states.js';
import { createTableQuarantineStore } from './table/quarantine-store.js';
import { createTableRegistryStore } from './table/registry-store.js';
import { createTableSignalHistory } from './table/signal-history.js';
import { createTableSignalStore } from './table/signal-store.js';
import { ensureTables, openTables } from './table/tables.js';

/** The stores on Table Storage. */
export interface Stores {
  readonly signals: SignalStore;
  readonly signalHistory: SignalHistory;
  readonly ledger: Ledger;
  readonly portStates: PortStates;
  readonly quarantine: QuarantineStore;
  readonly registryStore: RegistryStore;
  readonly auditLog: AuditLog;
  /** Create the tables that do not exist. */
  ensureTables(): Promise<void>;
}

/** Every port on its Azure service. */
export interface Adapters extends Stores {
  readonly queues: StageQueues;
  readonly topic: TriggerTopic;
  close(): Promise<void>;
}

/** The stores that settings describe; does no I/O. */
export function openStores(settings: Settings): Stores {
  const { buckets, stages } = settings;
  const tables = openTables(settings.tables, settings.tablePrefix);
  return {
    signals: createTableSignalStore(tables, { buckets, stages }),
    signalHistory: createTableSignalHistory(tables, { buckets }),
    ledger: createTableLedger(tables, { buckets }),
    portStates: createTablePortStates(tables, { buckets }),
    quarantine: createTableQuarantineStore(tables),
    registryStore: createTableRegistryStore(tables),
    auditLog: createTableAuditLog(tables),
    ensureTables: () => ensureTables(tables),
  };
}

/** All adapters that settings describe; connections open with the first use. */
export function openAdapters(settings: Settings): Adapters {
  const client = openServiceBus(settings.serviceBus);
  return {
    ...openStores(settings),
    queues: createServiceBusStageQueues(client, settings.queues),
    topic: createServiceBusTriggerTopic(client, settings.topic),
    close: () => client.close(),
  };
}

/** The consumers' channels on the trigger topic; needs the right to manage the namespace. */
export function openConsumerChannels(settings: Settings): ConsumerChannels {
  const admin = openServiceBusAdministration(settings.serviceBus, settings.serviceBusAdminUrl);
  return createServiceBusConsumerChannels(admin, settings.topic);
}
