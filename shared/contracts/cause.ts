import { z } from 'zod';

/** Why something happens: for the first time, again on purpose, or for a past that was never there. */
export const Cause = z.enum(['live', 'replay', 'backfill']);
export type Cause = z.infer<typeof Cause>;
