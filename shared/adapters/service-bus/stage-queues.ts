import type { ServiceBusClient, ServiceBusMessage } from '@azure/service-bus';
import type { StageMessage } from '../../contracts/stage-messages.js';
import { toPacks, type PackedMessages } from '../../contracts/stage-pack.js';
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
    toNormalize: (messages) => send('normalize', toPacks(messages).map(toMessage)),
    toEvaluate: (messages) => send('evaluate', toPacks(messages).map(toMessage)),
    toDispatch: (messages) => send('dispatch', toPacks(messages).map(toMessage)),
    async again(messages) {
      for (const kind of ['normalize', 'evaluate', 'dispatch'] as const) {
        const own = messages.filter(({ message }) => message.kind === kind);
        const scheduled = own.flatMap(({ message, atMs }) =>
          toPacks([message]).map((pack) => ({ ...toMessage(pack), scheduledEnqueueTimeUtc: new Date(atMs) })),
        );
        if (scheduled.length > 0) await send(kind, scheduled);
      }
    },
  };
}

function toMessage({ json, messages }: PackedMessages): ServiceBusMessage {
  const [first] = messages;
  // Bytes go out as they are; as an object the client would turn the same content into JSON once more.
  const message = { body: Buffer.from(json), contentType: 'application/json' };
  return first === undefined ? message : { ...message, subject: first.kind, messageId: toMessageId(first) };
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
