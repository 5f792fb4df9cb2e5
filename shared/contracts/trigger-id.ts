import { z } from 'zod';

/**
 * Id of a trigger: `<stage>.<bucket>.<hash>`.
 *
 * The hash covers the whole input vector; stage and bucket (the subscription's, two hex digits) are derived from it
 * too and let the ledger row be found from the id alone. Well under Service Bus's 128 characters for a MessageId.
 */
export const TriggerId = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,15}\.[0-9a-f]{2}\.[a-z2-7]{26}$/, 'must be a trigger id as found in the trigger message')
  .meta({ id: 'TriggerId' });
export type TriggerId = z.infer<typeof TriggerId>;
