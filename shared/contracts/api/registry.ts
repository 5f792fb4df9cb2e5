import { z } from 'zod';
import { SubscriptionKey } from '../keys.js';

const entries = z.array(z.record(z.string(), z.unknown()));

/** A whole registry: entries as registry files hold them, by kind. */
export const RegistryBody = z
  .object({
    products: entries,
    ports: entries,
    subscriptions: entries,
    policies: entries.optional(),
    entitlements: entries.optional(),
    standards: entries.optional(),
  })
  .meta({ id: 'Registry' });

/** The registry in force. */
export const RegistryInForce = z
  .object({ version: z.string(), appliedAt: z.string(), appliedBy: z.string(), document: RegistryBody })
  .meta({ id: 'RegistryInForce' });

/** One version that is or was in force. */
export const RegistryVersion = z
  .object({
    version: z.string(),
    base: z.string().optional(),
    appliedAt: z.string(),
    appliedBy: z.string(),
    reason: z.string().optional(),
  })
  .meta({ id: 'RegistryVersion' });

/** Why it is changed, for the audit log; and whether channels may go with the messages they hold. */
export const RegistryChangeQuery = z.object({
  reason: z.string().min(1).max(1_000).optional(),
  mayLoseMessages: z.stringbool().optional(),
});
export type RegistryChangeQuery = z.infer<typeof RegistryChangeQuery>;

export const SubscriptionParams = z.object({ key: SubscriptionKey });

/** What a change did. */
export const RegistryChanged = z
  .object({
    version: z.string(),
    outcome: z.enum(['applied', 'created', 'replaced', 'removed', 'unchanged']),
    channels: z.object({ created: z.array(z.string()), removed: z.array(z.string()) }),
    warnings: z.array(z.object({ code: z.string(), path: z.string(), message: z.string() })),
  })
  .meta({ id: 'RegistryChanged' });
export type RegistryChanged = z.infer<typeof RegistryChanged>;
