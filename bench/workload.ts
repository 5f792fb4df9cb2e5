import type { OutputPortSnapshotSealed } from '../shared/contracts/events/output-port-snapshot-sealed.js';
import type {
  DataProductEntry,
  OutputPortEntry,
  RegistryDocument,
  SubscriptionEntry,
} from '../shared/contracts/registry.js';

/** Ports the events of a run are spread over. */
export const portCount = 50;
/** Consumers that share the subscriptions. */
export const consumers = ['dp.bench.red', 'dp.bench.green', 'dp.bench.blue', 'dp.bench.black'] as const;

const schemaHash = 'sha256:9f2c1a7be04d55e1';
const domains = 10;
const firstWatermarkMs = Date.UTC(2026, 0, 1);

const toDomain = (port: number): string => `domain-${port % domains}`;
const toProduct = (port: number): string => `dp.${toDomain(port)}.product-${port}`;
const toPort = (port: number): string => `op.${toDomain(port)}.product-${port}.daily`;

/** A registry where each port has an owner of its own and exactly one subscription that wants every seal. */
export function toRegistry(ports: number): RegistryDocument {
  return toDocument(ports, (port) => [consumers[port % consumers.length] ?? consumers[0]]);
}

/** Consumers that each want every seal of every port. */
export const fanOutConsumers = consumers.slice(0, 3);

/** A registry where every seal makes one trigger for each of three consumers. */
export function toFanOutRegistry(ports: number): RegistryDocument {
  return toDocument(ports, () => fanOutConsumers);
}

function toDocument(ports: number, consumersOf: (port: number) => readonly string[]): RegistryDocument {
  const numbers = Array.from({ length: ports }, (_, port) => port);
  return {
    products: [...consumers.map((key) => product(key)), ...numbers.map((port) => product(toProduct(port)))],
    ports: numbers.map(toPortEntry),
    subscriptions: numbers.flatMap((port) => consumersOf(port).map((consumer) => toSubscription(port, consumer))),
  };
}

function product(key: string): DataProductEntry {
  return { kind: 'DataProduct', key, owner: 'team-bench' };
}

function toPortEntry(port: number): OutputPortEntry {
  const contracts = [{ version: '2.1.0', schemaHash }];
  return { kind: 'OutputPort', key: toPort(port), dataProduct: toProduct(port), contracts };
}

function toSubscription(port: number, consumer: string): SubscriptionEntry {
  return {
    kind: 'Subscription',
    key: `${consumer.replace(/^dp/, 'sub')}.port-${port}`,
    consumer,
    port: toPort(port),
    stage: 'prod',
    versions: '^2.1',
    minimumQuality: { status: 'passed', score: 0.9 },
    freshness: { maxAgeMinutes: 100_000_000 },
    activeFrom: '2026-01-01T00:00:00Z',
  };
}

/** Seal number `n` of a run: ports in turn, a snapshot of its own each time. */
export function toSeal(run: string, n: number, ports = portCount): OutputPortSnapshotSealed {
  const port = n % ports;
  return {
    eventType: 'OutputPortSnapshotSealed',
    eventId: `${run}-${n}`,
    occurredAt: '2026-03-11T01:58:00Z',
    correlationId: `run-${n}`,
    producer: { dataProduct: toProduct(port), domain: toDomain(port) },
    outputPort: { key: toPort(port), version: '2.1.0', stage: 'prod' },
    snapshot: {
      watermark: new Date(firstWatermarkMs + n * 60_000).toISOString(),
      batchId: run,
      recordCount: 18_204 + n,
      schemaHash,
      quality: { status: 'passed', ruleset: 'orders-daily@3', score: 0.998 },
    },
  };
}
