import type { ServiceBusClient, ServiceBusMessage } from '@azure/service-bus';
import type { StageMessage } from '../../contracts/stage-messages.js';
import { TerminalError } from '../../ports/errors.js';
import type { StageQueues } from '../../ports/stage-queues.js';
import { translating } from '../port-errors.js';
import { sendInBatches } from './send-batches.js';

type QueueNames = Readonly<Record<StageMessage['kind'], string>>;

/** The queues between the functions on Service Bus. */
export function createServiceBusStageQueues(client: ServiceBusClient, names: QueueNames): StageQueues {
  const senders = {
    normalize: client.createSender(names.normalize),
    evaluate: client.createSender(names.evaluate),
    dispatch: client.createSender(names.dispatch),
  };

  async function send(kind: StageMessage['kind'], messages: readonly ServiceBusMessage[]): Promise<void> {
    await translating(`send to queue ${names[kind]}`, async () => {
      const { tooLarge } = await sendInBatches(senders[kind], messages);
      if (tooLarge.length > 0)
        throw new TerminalError(`${tooLarge.length} messages are larger than queue ${names[kind]} takes`);
    });
  }

  return {
    toNormalize: (messages) => send('normalize', messages.map(toMessage)),
    toEvaluate: (messages) => send('evaluate', messages.map(toMessage)),
    toDispatch: (messages) => send('dispatch', messages.map(toMessage)),
    async again(messages) {
      for (const kind of ['normalize', 'evaluate', 'dispatch'] as const) {
        const own = messages.filter(({ message }) => message.kind === kind);
        const scheduled = own.map(({ message, atMs }) => ({
          ...toMessage(message),
          scheduledEnqueueTimeUtc: new Date(atMs),
        }));
        if (scheduled.length > 0) await send(kind, scheduled);
      }
    },
  };
}

function toMessage(message: StageMessage): ServiceBusMessage {
  return { body: message, contentType: 'application/json', subject: message.kind, messageId: toMessageId(message) };
}

/** For people who look at a queue; the queues do not detect duplicates, because every stage does. */
function toMessageId(message: StageMessage): string {
  switch (message.kind) {
    case 'normalize':
      return `${message.origin.partition}-${message.origin.sequenceNumber}`;
    case 'evaluate':
      return message.signal.signalId;
    case 'dispatch':
      return message.trigger.triggerId;
    default:
      return message satisfies never;
  }
}
