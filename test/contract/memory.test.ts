import { createMemoryLedger } from '../../shared/adapters/memory/ledger.js';
import { createMemoryQuarantineStore } from '../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../shared/adapters/memory/registry-store.js';
import { createMemorySignalStore } from '../../shared/adapters/memory/signal-store.js';
import { ledgerSuite } from './ledger.suite.js';
import { quarantineStoreSuite } from './quarantine-store.suite.js';
import { registryStoreSuite } from './registry-store.suite.js';
import { signalStoreSuite } from './signal-store.suite.js';

signalStoreSuite('memory', () => Promise.resolve(createMemorySignalStore()));
ledgerSuite('memory', () => Promise.resolve(createMemoryLedger()));
quarantineStoreSuite('memory', () => Promise.resolve(createMemoryQuarantineStore()));
registryStoreSuite('memory', () => Promise.resolve(createMemoryRegistryStore()));
