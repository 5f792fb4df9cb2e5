import { createMemoryAuditLog } from '../../shared/adapters/memory/audit-log.js';
import { createMemoryLedger } from '../../shared/adapters/memory/ledger.js';
import { createMemoryLedgerQueries } from '../../shared/adapters/memory/ledger-queries.js';
import { MemoryLedgerRows } from '../../shared/adapters/memory/ledger-rows.js';
import { createMemoryControlStore, createMemoryReplayStore } from '../../shared/adapters/memory/operations.js';
import { createMemoryPortStates } from '../../shared/adapters/memory/port-states.js';
import {
  createMemoryQuarantineDesk,
  createMemoryQuarantineStore,
} from '../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../shared/adapters/memory/registry-store.js';
import { createMemorySignalQueries } from '../../shared/adapters/memory/signal-queries.js';
import { createMemorySignalStore } from '../../shared/adapters/memory/signal-store.js';
import type { QuarantineItem } from '../../shared/contracts/quarantine-item.js';
import type { Signal } from '../../shared/contracts/signal.js';

export type Stores = ReturnType<typeof createStores>;

/** The tables of one run. */
export function createStores() {
  const signals = new Map<string, Signal>();
  const ledger = new MemoryLedgerRows();
  const quarantine = new Map<string, QuarantineItem>();
  return {
    signals: createMemorySignalStore(signals),
    signalQueries: createMemorySignalQueries(signals),
    ledger: createMemoryLedger(ledger),
    ledgerQueries: createMemoryLedgerQueries(ledger),
    portStates: createMemoryPortStates(),
    quarantine: createMemoryQuarantineStore(quarantine),
    quarantineDesk: createMemoryQuarantineDesk(quarantine),
    controlStore: createMemoryControlStore(),
    replayStore: createMemoryReplayStore(),
    registryStore: createMemoryRegistryStore(),
    auditLog: createMemoryAuditLog(),
  };
}
