import { ServiceBusAdministrationClient, ServiceBusClient } from '@azure/service-bus';
import { redirectRequests } from '../../shared/adapters/service-bus/redirect-policy.js';
import { type Broker, type BrokerEntities, startBroker } from '../../local/broker/broker.js';

/** Quick to give up: a test waits for facts, not for retries. */
export const quickRetry = { retryOptions: { maxRetries: 1, retryDelayInMs: 100, timeoutInMs: 8_000 } };

/** A broker of this test's own with a Service Bus client on it. */
export interface BrokerUnderTest {
  readonly broker: Broker;
  readonly client: ServiceBusClient;
  readonly admin: ServiceBusAdministrationClient;
  stop(): Promise<void>;
}

export async function startBrokerUnderTest(
  entities: BrokerEntities,
  options: { dataDir?: string; nowMs?: () => number; compactAboveBytes?: number } = {},
): Promise<BrokerUnderTest> {
  const broker = await startBroker({ amqpPort: 0, adminPort: 0, entities, ...options });
  const client = new ServiceBusClient(broker.connectionString, quickRetry);
  const admin = redirectRequests(
    new ServiceBusAdministrationClient(broker.connectionString),
    `http://127.0.0.1:${broker.adminPort}`,
  );
  return {
    broker,
    client,
    admin,
    async stop() {
      await client.close();
      await broker.close();
    },
  };
}
