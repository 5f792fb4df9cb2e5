import { z } from 'zod';
import { Instant, OutputPortKey, Stage, SubscriptionKey } from './keys.js';

/** What can be switched off. */
export const PauseTarget = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('everything') }),
    z.object({ kind: z.literal('stage'), stage: Stage }),
    z.object({ kind: z.literal('port'), port: OutputPortKey }),
    z.object({ kind: z.literal('subscription'), subscription: SubscriptionKey }),
  ])
  .meta({ id: 'PauseTarget' });
export type PauseTarget = z.infer<typeof PauseTarget>;

/** One thing that is switched off: its triggers are held, none is lost. */
export const Pause = z
  .object({ target: PauseTarget, reason: z.string().min(1).max(1_000), actor: z.string().min(1), since: Instant })
  .meta({ id: 'Pause' });
export type Pause = z.infer<typeof Pause>;
