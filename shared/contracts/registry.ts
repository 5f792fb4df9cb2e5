import { z } from 'zod';
import { QualityStatus } from './events/quality.js';
import { DataProductKey, Instant, OutputPortKey, SchemaHash, SemanticVersion, Stage, SubscriptionKey } from './keys.js';
import { limits } from './limits.js';

const text = z.string().min(1).max(1_000);

/** A data product as declared in a registry file. */
export const DataProductEntry = z.looseObject({
  kind: z.literal('DataProduct'),
  key: DataProductKey,
  owner: text,
  description: text.optional(),
});
export type DataProductEntry = z.infer<typeof DataProductEntry>;

/** One version of what a port promises. */
export const ContractEntry = z.looseObject({
  version: SemanticVersion,
  schemaHash: SchemaHash,
  ruleset: text.optional(),
});
export type ContractEntry = z.infer<typeof ContractEntry>;

/** An output port with its contract versions. */
export const OutputPortEntry = z.looseObject({
  kind: z.literal('OutputPort'),
  key: OutputPortKey,
  dataProduct: DataProductKey,
  description: text.optional(),
  contracts: z.array(ContractEntry).min(1).max(limits.arrayLength),
});
export type OutputPortEntry = z.infer<typeof OutputPortEntry>;

/** A consumer's standing wish. */
export const SubscriptionEntry = z.looseObject({
  kind: z.literal('Subscription'),
  key: SubscriptionKey,
  consumer: DataProductKey,
  port: OutputPortKey,
  stage: Stage,
  /** npm semver range of contract versions, e.g. `^2.1`. */
  versions: z.string().min(1).max(limits.rangeLength),
  minimumQuality: z
    .object({ status: QualityStatus.default('passed'), score: z.number().min(0).max(1).optional() })
    .default({ status: 'passed' }),
  /** Accepted schema hashes; absent means those of the contract versions in range. */
  schemaHashes: z.array(SchemaHash).min(1).max(limits.arrayLength).optional(),
  /** Oldest watermark (at receipt) that may still fire, in minutes; absent means any age. */
  freshness: z.object({ maxAgeMinutes: z.int().min(1) }).optional(),
  /** Snapshots whose watermark lies before this do not fire, so a new consumer does not swallow history. */
  activeFrom: Instant,
});
export type SubscriptionEntry = z.infer<typeof SubscriptionEntry>;

/** One document of a registry file. */
export const RegistryEntry = z.discriminatedUnion('kind', [DataProductEntry, OutputPortEntry, SubscriptionEntry]);
export type RegistryEntry = z.infer<typeof RegistryEntry>;

/** A whole registry as applied: the entries, sorted by key. */
export const RegistryDocument = z.object({
  products: z.array(DataProductEntry),
  ports: z.array(OutputPortEntry),
  subscriptions: z.array(SubscriptionEntry),
});
export type RegistryDocument = z.infer<typeof RegistryDocument>;
