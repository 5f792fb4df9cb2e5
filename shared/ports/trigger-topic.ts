import type { OutgoingTrigger } from '../contracts/outgoing-trigger.js';

/** Outcome of sending one trigger. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  /** Will never be accepted (for example larger than the broker takes). */
  | { readonly kind: 'refused'; readonly reason: string };

/** The topic consumers subscribe to. */
export interface TriggerTopic {
  /** Send the body of each with MessageId = trigger id; one outcome per trigger, in order. @throws RetryableError */
  send(triggers: readonly OutgoingTrigger[]): Promise<SendOutcome[]>;
}
