import type { StageMessage } from '../../contracts/stage-messages.js';
import { Trigger } from '../../contracts/trigger.js';
import type { StageQueues } from '../../ports/stage-queues.js';
import type { TriggerTopic } from '../../ports/trigger-topic.js';

/** A message waiting in memory; `atMs` when it was put back for later. */
export interface Waiting {
  readonly message: StageMessage;
  readonly atMs?: number;
}

/** The queues in memory: everything sent, in order, for the caller to take. */
export function createMemoryStageQueues(): StageQueues & { readonly waiting: Waiting[] } {
  const waiting: Waiting[] = [];
  const push = (messages: readonly StageMessage[]): Promise<void> => {
    waiting.push(...messages.map((message) => ({ message: structuredClone(message) })));
    return Promise.resolve();
  };
  return {
    waiting,
    toNormalize: push,
    toEvaluate: push,
    toDispatch: push,
    again(messages) {
      waiting.push(...structuredClone([...messages]));
      return Promise.resolve();
    },
  };
}

/** The trigger topic in memory: every send, also repeated ones, as a consumer reads it. */
export function createMemoryTriggerTopic(): TriggerTopic & { readonly sent: Trigger[] } {
  const sent: Trigger[] = [];
  return {
    sent,
    send(triggers) {
      sent.push(...triggers.map(({ body }) => Trigger.parse(JSON.parse(body))));
      return Promise.resolve(triggers.map(() => ({ kind: 'sent' as const })));
    },
  };
}
