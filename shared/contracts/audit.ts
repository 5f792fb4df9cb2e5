import { z } from 'zod';
import { Identifier, Instant } from './keys.js';

/** One change somebody made on purpose: who, what, to what, when and why. Written once, never changed. */
export const AuditRecord = z.object({
  at: Instant,
  /** Person or program that made the change. */
  actor: Identifier,
  /** What was done, e.g. `registry.apply`, `replay.start`. */
  action: Identifier,
  /** What it was done to: a key, a version or an id. */
  target: Identifier,
  /** Why, in the actor's words; programs acting by a rule may leave it out. */
  reason: z.string().min(1).max(1_000).optional(),
  /** Facts that belong to this action, as JSON. */
  details: z.record(z.string(), z.json()),
});
export type AuditRecord = z.infer<typeof AuditRecord>;
