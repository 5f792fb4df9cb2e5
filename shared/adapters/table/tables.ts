import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import type { Connection } from '../../config/connection.js';
import { toCredential } from '../credential.js';

/** One client per table. */
export type Tables = Readonly<
  Record<'signals' | 'ledger' | 'quarantine' | 'registry' | 'audit' | 'operations', TableClient>
>;

// Few and short: the batch driver owns the long waits, and a message's lock does not last longer.
const retryOptions = {
  maxRetries: 2,
  retryDelayInMs: 200,
  maxRetryDelayInMs: 1_000,
} satisfies TableServiceClientOptions['retryOptions'];
/** The service answers within ten seconds or says why not. A connection that died says nothing for a quarter of an hour. */
const answerWithinMs = 20_000;

type Policies = NonNullable<TableServiceClientOptions['additionalPolicies']>;

/** Has a request fail, as one that may be repeated, when its answer takes longer. */
export function givingUpAfter(timeoutMs: number): Policies[number] {
  const policy: Policies[number]['policy'] = {
    name: 'givingUp',
    sendRequest: (request, next) => {
      request.timeout = timeoutMs;
      return next(request);
    },
  };
  return { policy, position: 'perRetry' };
}

/** Clients for Outport's tables; does no I/O. `policies` are added to every client's, e.g. to count requests. */
export function openTables(connection: Connection, prefix: string, policies: Policies = []): Tables {
  const additionalPolicies = [givingUpAfter(answerWithinMs), ...policies];
  const open = (name: string): TableClient =>
    openTable(connection, prefix + name, { retryOptions, additionalPolicies });
  return {
    signals: open('signals'),
    ledger: open('ledger'),
    quarantine: open('quarantine'),
    registry: open('registry'),
    audit: open('audit'),
    operations: open('operations'),
  };
}

function openTable(connection: Connection, table: string, options: TableServiceClientOptions): TableClient {
  switch (connection.kind) {
    case 'connection-string':
      // Only the emulator speaks plain http; its connection strings name a http endpoint or the development storage.
      return TableClient.fromConnectionString(connection.value, table, {
        ...options,
        allowInsecureConnection: /UseDevelopmentStorage=true|TableEndpoint=http:/i.test(connection.value),
      });
    case 'identity':
      return new TableClient(connection.endpoint, table, toCredential(connection), options);
    default:
      return connection satisfies never;
  }
}

/** Create the tables that do not exist. Repeating it changes nothing. */
export async function ensureTables(tables: Tables): Promise<void> {
  await Promise.all(Object.values(tables).map((table) => table.createTable()));
}
