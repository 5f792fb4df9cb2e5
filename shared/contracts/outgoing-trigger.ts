import { z } from 'zod';
import { DataProductKey, Identifier, Instant, OutputPortKey, SemanticVersion, Stage, SubscriptionKey } from './keys.js';
import { Trigger } from './trigger.js';

/** What has to be known of a trigger to send it; everything else stays in its JSON, which nobody on the way reads. */
export const TriggerHeading = z.object({
  kind: Trigger.shape.kind.unwrap(),
  triggerId: Trigger.shape.triggerId,
  subscription: SubscriptionKey,
  consumer: DataProductKey,
  stage: Stage,
  cause: Trigger.shape.cause,
  registryVersion: z.string(),
  /** Of its inputs, in their order. */
  ports: z.array(OutputPortKey).min(1),
  /** Of the first input. */
  version: SemanticVersion,
  /** When the latest of its inputs came. */
  receivedAt: Instant,
  wasHeld: z.boolean(),
  correlationId: Identifier,
  traceparent: z.string(),
  decidedAt: Instant,
  /** The ledger's name for the list that has it with others while it is unsent. */
  unsentPage: z.string().optional(),
});
export type TriggerHeading = z.infer<typeof TriggerHeading>;

/** A trigger on its way to the topic: its heading, and its JSON as consumers get it. */
export interface OutgoingTrigger extends TriggerHeading {
  readonly body: string;
}

/**
 * Whether a text begins as the JSON of this trigger and ends as an object does; `kind` and `triggerId` are the first
 * members of every trigger. It finds a text that is something else or another trigger's. A forged one would pass, and
 * nobody can bring one in: who may write to the queue are the functions, which make a body of the trigger they
 * recorded, and operators, whose corrections are read whole before they are sent. To read it here, once more for every
 * trigger, would cost what passing it on as text saves.
 */
export function isBodyOf({ kind, triggerId }: TriggerHeading, body: string): boolean {
  return body.startsWith(`{"kind":"${kind}","triggerId":"${triggerId}",`) && body.endsWith('}');
}
