import { z } from 'zod';
import { QualityStatus } from '../events/quality.js';
import { DataProductKey, Identifier, Instant, OutputPortKey, Stage, SubscriptionKey } from '../keys.js';
import { QuarantineReason } from '../problem.js';
import { VerdictOutcome } from '../verdict.js';
import { TriggerState } from '../trigger-state.js';

/** Most items in one page. */
export const maxPageSize = 500;

/** Yes or no as text, as in a query string. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true')
  .default(false)
  .meta({ type: 'boolean' });

const limitText = `must be a whole number from 1 to ${maxPageSize}`;

const pageMembers = {
  limit: z.coerce.number(limitText).int(limitText).min(1, limitText).max(maxPageSize, limitText).default(50),
  /** Opaque: as an earlier page gave it, for the same query. */
  cursor: z.string().max(2_000).optional(),
};

const timeMembers = {
  /** At or after. */
  from: Instant.optional(),
  /** Before. */
  to: Instant.optional(),
};

/** Which signals, newest receipt first. */
export const SignalsQuery = z.object({
  stage: Stage.optional(),
  port: OutputPortKey.optional(),
  producer: DataProductKey.optional(),
  quality: QualityStatus.optional(),
  correlationId: Identifier.optional(),
  eventId: Identifier.optional(),
  ...timeMembers,
  scan: flag,
  ...pageMembers,
});
export type SignalsQuery = z.infer<typeof SignalsQuery>;

/** Which triggers. */
export const TriggersQuery = z.object({
  stage: Stage.optional(),
  consumer: DataProductKey.optional(),
  state: TriggerState.optional(),
  scan: flag,
  ...pageMembers,
});
export type TriggersQuery = z.infer<typeof TriggersQuery>;

/** Which verdicts, newest first. */
export const VerdictsQuery = z.object({
  subscription: SubscriptionKey,
  stage: Stage.optional(),
  outcome: VerdictOutcome.optional(),
  ...timeMembers,
  ...pageMembers,
});
export type VerdictsQuery = z.infer<typeof VerdictsQuery>;

/** Which sets of inputs of a subscription. */
export const SetsQuery = z.object({
  subscription: SubscriptionKey,
  stage: Stage.optional(),
  /** Sets that fired are left out unless asked for. */
  fired: flag,
  ...pageMembers,
});
export type SetsQuery = z.infer<typeof SetsQuery>;

/** Which quarantined records, newest first. */
export const QuarantineQuery = z.object({
  reason: QuarantineReason.optional(),
  state: z.enum(['open', 'resubmitted', 'discarded', 'any']).default('open'),
  producer: z.string().max(128).optional(),
  port: z.string().max(128).optional(),
  ...timeMembers,
  ...pageMembers,
});
export type QuarantineQuery = z.infer<typeof QuarantineQuery>;

/** Which of the audit log, newest first. */
export const AuditQuery = z.object({ target: Identifier.optional(), ...pageMembers });
export type AuditQuery = z.infer<typeof AuditQuery>;
