import { z } from 'zod';
import { DataProductKey, Instant, OutputPortKey, Stage } from '../keys.js';
import { limits } from '../limits.js';

const segment = '[a-z0-9]+(?:-[a-z0-9]+)*';
const text = z.string().min(1).max(1_000);

/** Key of an entitlement: `ent.<domain>.<product>.<name>`; domain and product are those of the port it opens. */
export const EntitlementKey = z
  .string()
  .max(limits.keyLength)
  .regex(
    new RegExp(`^ent\\.${segment}\\.${segment}\\.${segment}$`),
    'must look like ent.<domain>.<product>.<name>, lower case',
  )
  .meta({ id: 'EntitlementKey', examples: ['ent.sales.orders.finance'] });

/** What an entitlement allows. */
export const Right = z.enum(['consume', 'publish']);
export type Right = z.infer<typeof Right>;

/** The right of a product to consume a port, or to publish for one it does not own; granted by the port's owner. */
export const EntitlementEntry = z.looseObject({
  kind: z.literal('Entitlement'),
  key: EntitlementKey,
  /** Who may. */
  product: DataProductKey,
  may: Right,
  port: OutputPortKey,
  stages: z.array(Stage).min(1).max(20),
  /** When the right ends; absent means not by itself. */
  expires: Instant.optional(),
  owner: text,
  reason: text,
});
export type EntitlementEntry = z.infer<typeof EntitlementEntry>;
