import { randomUUID } from 'node:crypto';
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker.js';

type Sent = Parameters<ReturnType<BrokerUnderTest['client']['createSender']>['sendMessages']>[0];

/** A broker with a clock of its own, and what every test of queues and topics does with it. */
export async function openBusDesk() {
  let aheadMs = 0;
  const nowMs = (): number => Date.now() + aheadMs;
  const under = await startBrokerUnderTest({}, { nowMs });
  const receive = (from: ServiceBusReceiver, count = 10, maxWaitTimeInMs = 300): Promise<ServiceBusReceivedMessage[]> =>
    from.receiveMessages(count, { maxWaitTimeInMs });

  return {
    ...under,
    nowMs,
    /** Let time pass for the broker. */
    pass: (ms: number): void => void (aheadMs += ms),
    async queue(options: Parameters<BrokerUnderTest['admin']['createQueue']>[1] = {}): Promise<string> {
      const name = `q-${randomUUID()}`;
      await under.admin.createQueue(name, options);
      return name;
    },
    async send(name: string, ...messages: Sent[]): Promise<void> {
      const sender = under.client.createSender(name);
      for (const message of messages) await sender.sendMessages(message);
      await sender.close();
    },
    receiver: (name: string): ServiceBusReceiver => under.client.createReceiver(name),
    receive,
    async one(from: ServiceBusReceiver, waitMs = 3_000): Promise<ServiceBusReceivedMessage> {
      const [message] = await receive(from, 1, waitMs);
      if (!message) throw new Error('no message came');
      return message;
    },
  };
}
