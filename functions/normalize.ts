import { NormalizeMessage } from '../shared/contracts/stage-messages.js';
import type { Compose } from './compose.js';
import { registerStage, type QueueApp } from './stage-function.js';

/** `normalize`: Service Bus queue trigger, whole batches. */
export function registerNormalize(app: QueueApp, compose: Compose): void {
  registerStage(app, compose, {
    name: 'normalize',
    queueName: '%OUTPORT_QUEUE_NORMALIZE%',
    parse: (delivered) => NormalizeMessage.safeParse(delivered),
    handle: (messages, stages) => stages.normalize(messages),
  });
}
