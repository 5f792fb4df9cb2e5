import { EvaluateMessage } from '../shared/contracts/stage-messages.js';
import type { Compose } from './compose.js';
import { registerStage, type QueueApp } from './stage-function.js';

/** `evaluate`: Service Bus queue trigger, whole batches. */
export function registerEvaluate(app: QueueApp, compose: Compose): void {
  registerStage(app, compose, {
    name: 'evaluate',
    queueName: '%OUTPORT_QUEUE_EVALUATE%',
    parse: (delivered) => EvaluateMessage.safeParse(delivered),
    handle: (messages, stages) => stages.evaluate(messages),
  });
}
