import type { OutputPortEntry, RegistryDocument, SubscriptionEntry } from '../../../shared/contracts/registry.js';
import type { Random } from '../model/random.js';

export const ports = ['op.sales.orders.daily', 'op.crm.customers.current', 'op.ops.stock.levels'] as const;
export const consumers = ['dp.finance.revenue', 'dp.ml.churn', 'dp.bi.board'] as const;
export const stages = ['dev', 'prod'] as const;
export const versions = ['2.1.0', '2.2.0', '3.0.0'] as const;

/** Semver ranges with the versions above that lie in them, worked out by hand. */
export const ranges: Readonly<Record<string, readonly string[]>> = {
  '^2.1': ['2.1.0', '2.2.0'],
  '~2.1.0': ['2.1.0'],
  '>=2.2.0 <4': ['2.2.0', '3.0.0'],
  '3.x': ['3.0.0'],
  '*': ['2.1.0', '2.2.0', '3.0.0'],
};

export function ownerOf(port: string): string {
  const [, domain, product] = port.split('.');
  return `dp.${domain}.${product}`;
}

export function schemaHashOf(version: string): string {
  return `sha256:${version.replaceAll('.', '').padStart(16, '0')}`;
}

/** A registry over a few ports, small enough that events meet subscriptions often. */
export function drawRegistry(random: Random): RegistryDocument {
  const declared = random.chance(0.8) ? [...ports] : [random.pick(ports)];
  const products = [...new Set([...ports.map(ownerOf), ...consumers])].sort();
  return {
    products: products.map((key) => ({ kind: 'DataProduct', key, owner: 'team' })),
    ports: declared.map((key) => drawPort(key, random)),
    subscriptions: Array.from({ length: random.int(1, 5) }, (_, number) =>
      random.chance(0.15) ? drawSet(number, random) : drawSubscription(number, random),
    ),
  };
}

function drawPort(key: string, random: Random): OutputPortEntry {
  const kept = random.some(versions, 0.8);
  const contracts = (kept.length > 0 ? kept : versions).map((version) => ({
    version,
    schemaHash: schemaHashOf(version),
  }));
  return { kind: 'OutputPort', key, dataProduct: ownerOf(key), contracts };
}

/** A subscription that waits for two ports with the same watermark. */
function drawSet(number: number, random: Random): SubscriptionEntry {
  const { port: _port, versions: _versions, minimumQuality: _quality, ...entry } = drawBase(number, random);
  const [first = ports[0], second = ports[1]] = random.chance(0.5) ? ports : [...ports].reverse();
  const input = { versions: '*', minimumQuality: { status: 'failed' as const }, optional: false };
  return { ...entry, inputs: { a: { ...input, port: first }, b: { ...input, port: second } } };
}

function drawSubscription(number: number, random: Random): SubscriptionEntry {
  const entry = drawBase(number, random);
  return {
    ...entry,
    minimumQuality: {
      status: random.pick(['passed', 'passed', 'warned', 'failed'] as const),
      ...(random.chance(0.2) && { score: 0.9 }),
    },
    ...(random.chance(0.2) && { schemaHashes: [schemaHashOf(random.pick(versions))] }),
    ...(random.chance(0.3) && { freshness: { maxAgeMinutes: 5 * 24 * 60 } }),
    ...(random.chance(0.15) && { throttle: { max: random.int(1, 3), perMinutes: random.int(1, 3) } }),
  };
}

function drawBase(number: number, random: Random): SubscriptionEntry {
  const consumer = random.pick(consumers);
  const [, domain, product] = consumer.split('.');
  return {
    kind: 'Subscription',
    key: `sub.${domain}.${product}.s${number}`,
    consumer,
    port: random.pick(ports),
    stage: random.chance(0.8) ? 'prod' : 'dev',
    versions: random.pick(Object.keys(ranges)),
    activeFrom: random.chance(0.8) ? '2026-01-01T00:00:00Z' : '2026-03-10T22:00:00Z',
  };
}
