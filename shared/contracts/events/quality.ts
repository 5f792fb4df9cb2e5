import { z } from 'zod';
import { limits } from '../limits.js';
import { Identifier } from '../keys.js';

/** Quality statuses from worst to best; the order is the comparison order. */
export const qualityStatuses = ['failed', 'warned', 'passed'] as const;

/** Outcome of a producer's quality rules. */
export const QualityStatus = z.enum(qualityStatuses);
export type QualityStatus = z.infer<typeof QualityStatus>;

/** What the producer's quality rules said of a snapshot. */
export const Quality = z.looseObject({
  status: QualityStatus,
  ruleset: Identifier,
  /** Share of rules met, 0 to 1. */
  score: z.number().min(0).max(1).optional(),
  failedTests: z.array(Identifier).max(limits.arrayLength).optional(),
});
export type Quality = z.infer<typeof Quality>;
