import { z } from 'zod';

/** One thing wrong with an event: where (a dotted path, `$` for the whole) and what to do about it. */
export const Problem = z.object({ path: z.string(), message: z.string() });
export type Problem = z.infer<typeof Problem>;

/** Why an event waits in quarantine: exactly one code each. */
export const QuarantineReason = z.enum([
  'too-large',
  'not-utf8',
  'not-json',
  'too-complex',
  'forbidden-key',
  'duplicate-member',
  'malformed-text',
  'unsafe-number',
  'invalid-envelope',
  'envelope-mismatch',
  'unknown-event-type',
  'invalid-event',
  'decode-fault',
  'unknown-stage',
  'no-registry',
  'unknown-output-port',
  'producer-not-owner',
  'unsigned-event',
  'unknown-signing-key',
  'invalid-signature',
  'event-id-conflict',
  'unknown-trigger',
  'receipt-not-owner',
  'invalid-stage-message',
  'retries-exhausted',
  'trigger-refused',
]);
export type QuarantineReason = z.infer<typeof QuarantineReason>;
