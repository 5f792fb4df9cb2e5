import { z } from 'zod';
import { Stage } from '../keys.js';
import { limits } from '../limits.js';

const segment = '[a-z0-9]+(?:-[a-z0-9]+)*';
const text = z.string().min(1).max(1_000);

/** Key of a policy: `pol.<domain>.<name>`. */
export const PolicyKey = z
  .string()
  .max(limits.keyLength)
  .regex(new RegExp(`^pol\\.${segment}\\.${segment}$`), 'must look like pol.<domain>.<name>, lower case')
  .meta({ id: 'PolicyKey', examples: ['pol.platform.layers'] });

/**
 * Pattern of keys, matched segment by segment: `*` stands for any characters inside one segment, `**` as the last
 * segment for all that follow. `op.sales.**`, `dp.*.raw-*`.
 */
export const KeyPattern = z
  .string()
  .min(1)
  .max(limits.keyLength)
  .regex(
    /^(?:\*\*|[a-z0-9*-]+(?:\.[a-z0-9*-]+)*)$/,
    'must be a pattern of keys such as op.sales.** or dp.*.raw-*, lower case',
  )
  .refine(
    (pattern) =>
      pattern.split('.').every((part, at, all) => !part.includes('**') || (part === '**' && at === all.length - 1)),
    {
      error: '"**" must be the last segment, alone',
    },
  );
export type KeyPattern = z.infer<typeof KeyPattern>;

const patterns = z.array(KeyPattern).min(1).max(100);
const everything = KeyPattern.default('**');

/** Medallion layer of a product or port, from raw to ready. */
export const layers = ['bronze', 'silver', 'gold'] as const;
export const Layer = z.enum(layers);
export type Layer = z.infer<typeof Layer>;

const common = {
  kind: z.literal('Policy'),
  key: PolicyKey,
  /** Team to talk to. */
  owner: text,
  /** Why the policy exists; shown with every refusal. */
  reason: text,
  description: text.optional(),
  /** Stages of subscriptions it applies to; absent means all. */
  stages: z.array(Stage).min(1).max(20).optional(),
};

/** Keys of entries of some kinds must match one of the patterns. */
export const NamingPolicy = z.looseObject({
  ...common,
  rule: z.literal('naming'),
  kinds: z.array(z.enum(['DataProduct', 'OutputPort', 'Subscription', 'Entitlement'])).min(1),
  /** Only entries whose key matches this. */
  where: everything,
  keys: patterns,
});

/** Consumers may subscribe to these ports only. */
export const DependencyPolicy = z.looseObject({
  ...common,
  rule: z.literal('dependencies'),
  consumers: everything,
  ports: patterns,
});

/** Data flows from bronze over silver to gold, or stays in its layer; never back. */
export const LayerPolicy = z.looseObject({ ...common, rule: z.literal('layers'), consumers: everything });

/** Subscriptions may be for these stages only. */
export const StagePolicy = z.looseObject({
  ...common,
  rule: z.literal('stages'),
  consumers: everything,
  ports: everything,
  allowed: z.array(Stage).min(1).max(20),
});

/** A subscription may not ask for fresher snapshots than the contracts in its range promise. */
export const FreshnessPolicy = z.looseObject({ ...common, rule: z.literal('freshness'), ports: everything });

/** Consuming these ports needs an entitlement. */
export const EntitlementPolicy = z.looseObject({ ...common, rule: z.literal('entitlement'), ports: patterns });

/** What must hold for a registry, as data. Checked when a registry is validated and applied. */
export const PolicyEntry = z.discriminatedUnion('rule', [
  NamingPolicy,
  DependencyPolicy,
  LayerPolicy,
  StagePolicy,
  FreshnessPolicy,
  EntitlementPolicy,
]);
export type PolicyEntry = z.infer<typeof PolicyEntry>;
