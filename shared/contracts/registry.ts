import { z } from 'zod';
import { DataProductKey, OutputPortKey, SchemaHash, SemanticVersion } from './keys.js';
import { limits } from './limits.js';
import { EntitlementEntry } from './registry/entitlement.js';
import { Layer, PolicyEntry } from './registry/policy.js';
import { StandardDocument } from './registry/standard-document.js';
import { SigningKeys } from './signing.js';
import { SubscriptionEntry } from './subscription.js';

export { SubscriptionEntry } from './subscription.js';

const text = z.string().min(1).max(1_000);

/** A data product as declared in a registry file. */
export const DataProductEntry = z
  .looseObject({
    kind: z.literal('DataProduct'),
    key: DataProductKey,
    owner: text,
    description: text.optional(),
    /** Layer of its ports that name none. */
    layer: Layer.optional(),
    signingKeys: SigningKeys.optional(),
    /** Events and receipts of this product count only with a signature by one of its keys. */
    requireSigned: z.boolean().optional(),
  })
  .refine(({ requireSigned, signingKeys }) => requireSigned !== true || signingKeys !== undefined, {
    path: ['signingKeys'],
    error: 'must list at least one key, because requireSigned is true',
  });
export type DataProductEntry = z.infer<typeof DataProductEntry>;

/** One version of what a port promises. */
export const ContractEntry = z.looseObject({
  version: SemanticVersion,
  schemaHash: SchemaHash,
  ruleset: text.optional(),
  /** Id of the contract document this version follows. */
  contractId: text.optional(),
  /** What the version promises about its snapshots. */
  sla: z.looseObject({ freshnessMinutes: z.int().min(1).optional() }).optional(),
});
export type ContractEntry = z.infer<typeof ContractEntry>;

/** When a port's triggers are held because its quality keeps failing, and when they go on. */
export const CircuitBreaker = z.object({
  /** Quality failures in a row that open it. */
  failures: z.int().min(1).max(100),
  /** How long it stays open before good snapshots count again. */
  coolDownMinutes: z.int().min(1).max(10_080),
  /** Good snapshots in a row, after the cool-down, that close it. */
  closeAfter: z.int().min(1).max(100).default(1),
});
export type CircuitBreaker = z.infer<typeof CircuitBreaker>;

/** An output port with its contract versions. */
export const OutputPortEntry = z.looseObject({
  kind: z.literal('OutputPort'),
  key: OutputPortKey,
  dataProduct: DataProductKey,
  description: text.optional(),
  layer: Layer.optional(),
  contracts: z.array(ContractEntry).min(1).max(limits.arrayLength),
  circuitBreaker: CircuitBreaker.optional(),
});
export type OutputPortEntry = z.infer<typeof OutputPortEntry>;

/** One document of a registry file. */
export const RegistryEntry = z.discriminatedUnion('kind', [
  DataProductEntry,
  OutputPortEntry,
  SubscriptionEntry,
  PolicyEntry,
  EntitlementEntry,
]);
export type RegistryEntry = z.infer<typeof RegistryEntry>;

/** A whole registry as applied: the entries, sorted by key, and documents in the shape of open standards as written. */
export const RegistryDocument = z.object({
  products: z.array(DataProductEntry),
  ports: z.array(OutputPortEntry),
  subscriptions: z.array(SubscriptionEntry),
  policies: z.array(PolicyEntry).optional(),
  entitlements: z.array(EntitlementEntry).optional(),
  /** Originals; what they mean here is derived by `toRegistryView`, never stored. */
  standards: z.array(StandardDocument).optional(),
});
export type RegistryDocument = z.infer<typeof RegistryDocument>;
