import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTableAuditLog } from '../../shared/adapters/table/audit-log.js';
import { createTableControlStore } from '../../shared/adapters/table/control-store.js';
import { createTableLedger } from '../../shared/adapters/table/ledger.js';
import { createTablePortStates } from '../../shared/adapters/table/port-states.js';
import { createTableLedgerQueries } from '../../shared/adapters/table/ledger-queries.js';
import { createTableQuarantineDesk } from '../../shared/adapters/table/quarantine-desk.js';
import { createTableQuarantineStore } from '../../shared/adapters/table/quarantine-store.js';
import { createTableRegistryStore } from '../../shared/adapters/table/registry-store.js';
import { createTableReplayStore } from '../../shared/adapters/table/replay-store.js';
import { createTableSignalQueries } from '../../shared/adapters/table/signal-queries.js';
import { createTableSignalStore } from '../../shared/adapters/table/signal-store.js';
import { ensureTables, openTables, type Tables } from '../../shared/adapters/table/tables.js';
import { type Azurite, startAzurite } from '../support/azurite.js';
import { registryDocument } from '../fixtures/events.js';
import { ledgerHoldsSuite } from './ledger-holds.suite.js';
import { ledgerReplaysSuite } from './ledger-replays.suite.js';
import { ledgerSetsSuite } from './ledger-sets.suite.js';
import { auditLogSuite } from './audit-log.suite.js';
import { ledgerSuite } from './ledger.suite.js';
import { portStatesSuite } from './port-states.suite.js';
import { ledgerLeasesSuite } from './ledger-leases.suite.js';
import { ledgerQueriesSuite } from './ledger-queries.suite.js';
import { operationsSuite } from './operations.suite.js';
import { quarantineDeskSuite } from './quarantine-desk.suite.js';
import { quarantineStoreSuite } from './quarantine-store.suite.js';
import { registryStoreSuite } from './registry-store.suite.js';
import { signalQueriesSuite } from './signal-queries.suite.js';
import { signalStoreSuite } from './signal-store.suite.js';

let azurite: Azurite;
let opened = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

/** Fresh, empty tables for each test. */
async function openFresh(): Promise<Tables> {
  const tables = openTables({ kind: 'connection-string', value: azurite.connectionString }, `t${++opened}x`);
  await ensureTables(tables);
  return tables;
}

const options = { buckets: 8, stages: ['dev', 'prod'] };
signalStoreSuite('Table Storage', async () => createTableSignalStore(await openFresh(), options));
ledgerSuite('Table Storage', async () => createTableLedger(await openFresh(), options));
ledgerSetsSuite('Table Storage', async () => {
  const tables = await openFresh();
  return { ledger: createTableLedger(tables, options), queries: createTableLedgerQueries(tables, options) };
});
ledgerHoldsSuite('Table Storage', async () => createTableLedger(await openFresh(), options));
ledgerReplaysSuite('Table Storage', async () => createTableLedger(await openFresh(), options));
portStatesSuite('Table Storage', async () => createTablePortStates(await openFresh(), options));
quarantineStoreSuite('Table Storage', async () => createTableQuarantineStore(await openFresh()));
registryStoreSuite('Table Storage', async () => createTableRegistryStore(await openFresh(), options));
auditLogSuite('Table Storage', async () => createTableAuditLog(await openFresh()));
signalQueriesSuite('Table Storage', async () => {
  const tables = await openFresh();
  return { store: createTableSignalStore(tables, options), queries: createTableSignalQueries(tables, options) };
});
ledgerQueriesSuite('Table Storage', async () => {
  const tables = await openFresh();
  return { ledger: createTableLedger(tables, options), queries: createTableLedgerQueries(tables, options) };
});
ledgerLeasesSuite('Table Storage', async () => {
  const tables = await openFresh();
  return { ledger: createTableLedger(tables, options), queries: createTableLedgerQueries(tables, options) };
});
quarantineDeskSuite('Table Storage', async () => {
  const tables = await openFresh();
  return { store: createTableQuarantineStore(tables), desk: createTableQuarantineDesk(tables) };
});
operationsSuite('Table Storage', async () => {
  const tables = await openFresh();
  return {
    controls: createTableControlStore(tables),
    replays: createTableReplayStore(tables),
  };
});

describe('tables whose rows lie elsewhere', () => {
  const stamp = { appliedAt: '2026-03-11T00:00:00.000Z', appliedBy: 'ada' };

  it('are refused with the setting to mend, and left as they are', async () => {
    const tables = await openFresh();
    const [eight, two] = [8, 2].map((buckets) => createTableRegistryStore(tables, { buckets }));
    await eight?.publish({ version: '000001-a', document: registryDocument(), expected: undefined, ...stamp });

    await expect(two?.pointer()).rejects.toThrow('spread over 8 buckets, and OUTPORT_BUCKETS is 2; set it to 8');
    expect(await eight?.pointer()).toMatchObject({ version: '000001-a' });
  });

  it.each([
    ['did not remember how', {}],
    ['made keys in another way', { Buckets: options.buckets, Layout: 1 }],
  ])('are refused with a way out when an earlier build %s', async (_case, spread) => {
    const tables = await openFresh();
    await tables.registry.createEntity({ partitionKey: 'pointer', rowKey: 'current', Version: '000001-a', ...spread });

    await expect(createTableRegistryStore(tables, options).pointer()).rejects.toThrow(/earlier build.*--fresh/);
  });
});
