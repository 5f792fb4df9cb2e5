import type { StageMessage } from '../../../shared/contracts/stage-messages.js';
import type { StageQueues } from '../../../shared/ports/stage-queues.js';
import type { Faults } from './faults.js';
import type { Queue } from './service-bus.js';

/** One below the last; see `maxAttempts` of the batch driver. */
const attemptsSpent = 23;

/** The pipeline's queue port over modelled queues: bodies cross as JSON, as on the wire. */
export function createModelStageQueues(
  queues: Readonly<Record<StageMessage['kind'], Queue>>,
  faults: Faults,
): StageQueues {
  const send = (messages: readonly StageMessage[]): Promise<void> => {
    for (const message of messages) {
      const spent = faults.strikes('attempts-spent') ? { attempt: attemptsSpent } : {};
      queues[message.kind].send(JSON.stringify({ ...message, ...spent }));
    }
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
