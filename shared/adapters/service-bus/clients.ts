import { ServiceBusAdministrationClient, ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';
import type { Connection } from '../../config/connection.js';
import { toCredential } from '../credential.js';
import { redirectRequests } from './redirect-policy.js';

// Short enough that the caller's own retry, which knows what a batch may wait for, takes over in time.
const clientOptions: ServiceBusClientOptions = {
  retryOptions: { maxRetries: 2, retryDelayInMs: 500, timeoutInMs: 20_000 },
};

/** A Service Bus client; connects with the first use. */
export function openServiceBus(connection: Connection): ServiceBusClient {
  switch (connection.kind) {
    case 'connection-string':
      return new ServiceBusClient(connection.value, clientOptions);
    case 'identity':
      return new ServiceBusClient(connection.endpoint, toCredential(connection), clientOptions);
    default:
      return connection satisfies never;
  }
}

/** The namespace's management client; `adminUrl` sends its requests elsewhere (the embedded broker). */
export function openServiceBusAdministration(
  connection: Connection,
  adminUrl?: string,
): ServiceBusAdministrationClient {
  const client = openAdministration(connection);
  return adminUrl === undefined ? client : redirectRequests(client, adminUrl);
}

function openAdministration(connection: Connection): ServiceBusAdministrationClient {
  switch (connection.kind) {
    case 'connection-string':
      return new ServiceBusAdministrationClient(connection.value);
    case 'identity':
      return new ServiceBusAdministrationClient(connection.endpoint, toCredential(connection));
    default:
      return connection satisfies never;
  }
}
