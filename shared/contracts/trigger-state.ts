import { z } from 'zod';

/**
 * Life of a trigger: [held ->] pending -> dispatching (leased) -> sent. A lease that ran out counts as pending.
 * A held one may also end as `absorbed` into a newer one; an unsent one as `withdrawn`, when its snapshot is retracted,
 * or as `refused`, when the topic will never take it; only an operator makes a refused one pending again.
 */
export const TriggerState = z.enum(['held', 'pending', 'dispatching', 'sent', 'absorbed', 'withdrawn', 'refused']);
export type TriggerState = z.infer<typeof TriggerState>;
