import { createMemoryAuditLog } from '../../shared/adapters/memory/audit-log.js';
import { createMemoryPortStates } from '../../shared/adapters/memory/port-states.js';
import { createMemoryLedger } from '../../shared/adapters/memory/ledger.js';
import { MemoryLedgerRows } from '../../shared/adapters/memory/ledger-rows.js';
import { createMemoryLedgerQueries } from '../../shared/adapters/memory/ledger-queries.js';
import { createMemoryControlStore, createMemoryReplayStore } from '../../shared/adapters/memory/operations.js';
import {
  createMemoryQuarantineDesk,
  createMemoryQuarantineStore,
} from '../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../shared/adapters/memory/registry-store.js';
import { createMemorySignalQueries } from '../../shared/adapters/memory/signal-queries.js';
import { createMemorySignalStore } from '../../shared/adapters/memory/signal-store.js';
import { ledgerHoldsSuite } from './ledger-holds.suite.js';
import { ledgerReplaysSuite } from './ledger-replays.suite.js';
import { ledgerSetsSuite } from './ledger-sets.suite.js';
import { auditLogSuite } from './audit-log.suite.js';
import { ledgerSuite } from './ledger.suite.js';
import { portStatesSuite } from './port-states.suite.js';
import type { QuarantineItem } from '../../shared/contracts/quarantine-item.js';
import type { Signal } from '../../shared/contracts/signal.js';
import { ledgerLeasesSuite } from './ledger-leases.suite.js';
import { ledgerQueriesSuite } from './ledger-queries.suite.js';
import { operationsSuite } from './operations.suite.js';
import { quarantineDeskSuite } from './quarantine-desk.suite.js';
import { quarantineStoreSuite } from './quarantine-store.suite.js';
import { registryStoreSuite } from './registry-store.suite.js';
import { signalQueriesSuite } from './signal-queries.suite.js';
import { signalStoreSuite } from './signal-store.suite.js';

signalStoreSuite('memory', () => Promise.resolve(createMemorySignalStore()));
ledgerSuite('memory', () => Promise.resolve(createMemoryLedger()));
ledgerSetsSuite('memory', () => {
  const rows = new MemoryLedgerRows();
  return Promise.resolve({ ledger: createMemoryLedger(rows), queries: createMemoryLedgerQueries(rows) });
});
ledgerHoldsSuite('memory', () => Promise.resolve(createMemoryLedger()));
ledgerReplaysSuite('memory', () => Promise.resolve(createMemoryLedger()));
portStatesSuite('memory', () => Promise.resolve(createMemoryPortStates()));
quarantineStoreSuite('memory', () => Promise.resolve(createMemoryQuarantineStore()));
registryStoreSuite('memory', () => Promise.resolve(createMemoryRegistryStore()));
auditLogSuite('memory', () => Promise.resolve(createMemoryAuditLog()));
signalQueriesSuite('memory', () => {
  const signals = new Map<string, Signal>();
  return Promise.resolve({ store: createMemorySignalStore(signals), queries: createMemorySignalQueries(signals) });
});
ledgerQueriesSuite('memory', () => {
  const rows = new MemoryLedgerRows();
  return Promise.resolve({ ledger: createMemoryLedger(rows), queries: createMemoryLedgerQueries(rows) });
});
ledgerLeasesSuite('memory', () => {
  const rows = new MemoryLedgerRows();
  return Promise.resolve({ ledger: createMemoryLedger(rows), queries: createMemoryLedgerQueries(rows) });
});
quarantineDeskSuite('memory', () => {
  const items = new Map<string, QuarantineItem>();
  return Promise.resolve({ store: createMemoryQuarantineStore(items), desk: createMemoryQuarantineDesk(items) });
});
operationsSuite('memory', () =>
  Promise.resolve({
    controls: createMemoryControlStore(),
    replays: createMemoryReplayStore(),
  }),
);
