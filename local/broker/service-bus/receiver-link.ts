import type { Connection, Delivery, EventContext, Sender } from 'rhea';
import { AmqpError, toAmqpError } from '../amqp/amqp-error.js';
import { pumpLink, sendRaw } from '../amqp/outgoing-link.js';
import { type Outcome, outcomes, settleDelivery } from '../amqp/settlement.js';
import { toDeliveryBytes } from './delivery.js';
import { toDeliveryTag } from './lock-token.js';
import type { MessageQueue } from './message-queue.js';
import type { DeadLetterInfo } from './stored-message.js';
import type { SessionRecord } from './session-table.js';

/** Settlement mode `settled`: the sender side of receive-and-delete. */
const preSettled = 1;

interface RemoteState {
  readonly undeliverable_here?: boolean;
  readonly message_annotations?: Record<string, unknown>;
  readonly error?: { readonly condition?: string; readonly info?: Record<string, unknown> };
}

/**
 * Serve a receiving client from a queue; gives the function to call when the queue may have something.
 * A delivery's lock stays when the link goes: it ends by time, as on the service.
 */
export function serveReceiver(
  link: Sender,
  connection: Connection,
  source: { queue: MessageQueue; session?: SessionRecord; onGone: () => void },
): () => void {
  const { queue, session } = source;
  const deleting = link.snd_settle_mode === preSettled;
  const tokens = new WeakMap<Delivery, string>();

  const feed = (): boolean => {
    const handed = queue.take(session ? { deleting, session } : { deleting });
    if (!handed) return false;
    const token = handed.lock?.token;
    const tag = token === undefined ? Buffer.alloc(16) : toDeliveryTag(token);
    const delivery = sendRaw(link, toDeliveryBytes(handed), { tag, settled: deleting });
    if (token !== undefined) tokens.set(delivery, token);
    else queue.remove(handed.message.sequenceNumber).catch(() => undefined); // a dead journal refuses everything anyway
    return true;
  };

  const settle = (
    delivery: Delivery | undefined,
    act: (token: string, state: RemoteState) => Promise<Outcome>,
  ): void => {
    const token = delivery && tokens.get(delivery);
    if (!delivery || token === undefined) return;
    const state = (delivery.remote_state ?? {}) as RemoteState; // rhea has unwrapped the outcome
    Promise.resolve()
      .then(() => act(token, state))
      .then(
        (outcome) => settleDelivery(delivery, outcome),
        (error: unknown) => {
          const { condition, description } = toAmqpError(error);
          settleDelivery(delivery, outcomes.rejected(condition, description));
        },
      );
  };

  link.on('accepted', ({ delivery }: EventContext) =>
    settle(delivery, (token) => queue.complete(token).then(outcomes.accepted)),
  );
  link.on('released', ({ delivery }: EventContext) =>
    settle(delivery, (token) => queue.abandon(token).then(outcomes.accepted)),
  );
  link.on('modified', ({ delivery }: EventContext) =>
    settle(delivery, async (token, { undeliverable_here, message_annotations }) => {
      const changes = message_annotations ?? {};
      await (undeliverable_here ? queue.defer(token, changes) : queue.abandon(token, changes));
      return outcomes.modified(undeliverable_here === true);
    }),
  );
  link.on('rejected', ({ delivery }: EventContext) =>
    settle(delivery, (token, state) => queue.deadLetter(token, toDeadLetterInfo(state)).then(outcomes.rejectedAsAsked)),
  );
  return pumpLink(link, connection, feed, source.onGone);
}

function toDeadLetterInfo({ error }: RemoteState): DeadLetterInfo {
  const { DeadLetterReason: reason, DeadLetterErrorDescription: description, ...properties } = error?.info ?? {};
  return {
    ...(typeof reason === 'string' && { reason }),
    ...(typeof description === 'string' && { description }),
    properties,
  };
}

/** The refusal of a receiver that does not fit the entity's session setting. */
export function sessionMismatch(queue: MessageQueue): AmqpError {
  const needs = queue.settings.requiresSession ? 'requires sessions' : 'does not support sessions';
  return new AmqpError('amqp:not-allowed', `The entity ${queue.context.name} ${needs}.`);
}
