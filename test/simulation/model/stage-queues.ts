import type { StageMessage } from '../../../shared/contracts/stage-messages.js';
import type { StageQueues } from '../../../shared/ports/stage-queues.js';
import type { Queue } from './service-bus.js';

/** The pipeline's queue port over modelled queues: bodies cross as JSON, as on the wire. */
export function createModelStageQueues(queues: Readonly<Record<StageMessage['kind'], Queue>>): StageQueues {
  const send = (messages: readonly StageMessage[]): Promise<void> => {
    for (const message of messages) queues[message.kind].send(JSON.stringify(message));
    return Promise.resolve();
  };
  return {
    toNormalize: send,
    toEvaluate: send,
    toDispatch: send,
    again(messages) {
      for (const { message, atMs } of messages) queues[message.kind].send(JSON.stringify(message), atMs);
      return Promise.resolve();
    },
  };
}
