import { DispatchMessage } from '../shared/contracts/stage-messages.js';
import type { Compose } from './compose.js';
import { registerStage, type QueueApp } from './stage-function.js';

/** `dispatch`: Service Bus queue trigger, whole batches. */
export function registerDispatch(app: QueueApp, compose: Compose): void {
  registerStage(app, compose, {
    name: 'dispatch',
    queueName: '%OUTPORT_QUEUE_DISPATCH%',
    parse: (delivered) => DispatchMessage.safeParse(delivered),
    handle: (messages, stages) => stages.dispatch(messages),
  });
}
