import rhea, { type Delivery } from 'rhea';

/** A settlement state the broker answers with. */
export interface Outcome {
  readonly kind: 'accepted' | 'modified' | 'rejected';
  readonly state: object;
}

interface OutcomeFactory {
  accepted(): { described(): object };
  modified(fields: object): { described(): object };
  rejected(fields: object): { described(): object };
}

// The typings leave the outcome factories out.
const factory = rhea.message as unknown as OutcomeFactory;

export const outcomes = {
  accepted: (): Outcome => ({ kind: 'accepted', state: factory.accepted().described() }),
  modified: (undeliverableHere: boolean): Outcome => ({
    kind: 'modified',
    state: factory.modified({ undeliverable_here: undeliverableHere }).described(),
  }),
  rejected: (condition: string, description: string): Outcome => ({
    kind: 'rejected',
    state: factory.rejected({ error: { condition, description } }).described(),
  }),
  /** A dead-letter request succeeded: rejected, without an error. */
  rejectedAsAsked: (): Outcome => ({ kind: 'rejected', state: factory.rejected({}).described() }),
};

/** The outcome each session is writing in this turn of the event loop. */
const writing = new WeakMap<object, Outcome['kind']>();

/**
 * Settle a delivery with an outcome of its own.
 *
 * rhea folds neighbouring dispositions of one turn into a range under the first one's state, whatever the others say.
 * Only acceptances may be folded, so anything else waits for a turn in which its session writes nothing different.
 */
export function settleDelivery(delivery: Delivery, outcome: Outcome): void {
  const { session } = delivery.link;
  const current = writing.get(session);
  if (current !== undefined && !(current === 'accepted' && outcome.kind === 'accepted')) {
    setImmediate(() => settleDelivery(delivery, outcome));
    return;
  }
  if (current === undefined) {
    writing.set(session, outcome.kind);
    setImmediate(() => writing.delete(session));
  }
  delivery.update(true, outcome.state);
}
