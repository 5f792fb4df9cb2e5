import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { toErrorText } from '../log/host-log.js';
import { dataTypeOf, type FunctionDefinition } from './function-definition.js';
import type { ListenerContext } from './listener.js';
import { toPath, toEntity } from './service-bus-clients.js';
import { toBatchPayload, toSinglePayload, traceParentOf } from './service-bus-payload.js';

/** Whether a function that returned settles its messages: its own trigger's word, else host.json's. */
export function autoCompletes(context: ListenerContext): boolean {
  const own = context.definition.trigger['autoCompleteMessages'];
  return typeof own === 'boolean' ? own : context.host.extensions.serviceBus.autoCompleteMessages;
}

/** Run a whole batch: a return completes every message, a throw abandons every one of them at once. */
export async function dispatchBatch(
  context: ListenerContext,
  receiver: ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
): Promise<void> {
  const encoding = { dataType: dataTypeOf(context.definition), keepEmpty: context.keepEmpty };
  const payload = toBatchPayload(messages, encoding);
  const outcome = await context.invoker.invoke({
    target: context.definition.target,
    trigger: { name: context.definition.triggerName, data: payload.data },
    triggerMetadata: payload.metadata,
    reason: reason(context.definition, `${messages.length} messages`),
  });
  await settle(context, receiver, { messages, succeeded: outcome.kind === 'succeeded' });
}

/** Run one message: a return completes it, a throw abandons it. */
export async function dispatchSingle(
  context: ListenerContext,
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
): Promise<void> {
  const payload = toSinglePayload(message, dataTypeOf(context.definition));
  const outcome = await context.invoker.invoke({
    target: context.definition.target,
    trigger: { name: context.definition.triggerName, data: payload.data },
    triggerMetadata: payload.metadata,
    traceParent: traceParentOf(message),
    reason: reason(context.definition, 'one message'),
  });
  await settle(context, receiver, { messages: [message], succeeded: outcome.kind === 'succeeded' });
}

interface Settlement {
  readonly messages: readonly ServiceBusReceivedMessage[];
  readonly succeeded: boolean;
}

async function settle(context: ListenerContext, receiver: ServiceBusReceiver, settlement: Settlement): Promise<void> {
  const { messages, succeeded } = settlement;
  if (succeeded && !autoCompletes(context)) return;
  const settled = await Promise.allSettled(
    messages.map((message) => (succeeded ? receiver.completeMessage(message) : receiver.abandonMessage(message))),
  );
  const failed = settled.filter((result) => result.status === 'rejected');
  const [first] = failed;
  if (!first) return;
  const what = succeeded ? 'complete' : 'abandon';
  const message = `${failed.length} of ${messages.length} messages failed to ${what} and will come again: ${toErrorText(first.reason)}`;
  context.log({ level: 'error', category: `Function.${context.definition.name}`, message });
}

function reason(definition: FunctionDefinition, what: string): string {
  return `new message on ${toPath(toEntity(definition))}: ${what}`;
}
