import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { createServiceBusTriggerTopic } from '../../shared/adapters/service-bus/trigger-topic.js';
import { Trigger } from '../../shared/contracts/trigger.js';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import { toOutgoingTrigger } from '../../shared/domain/outgoing-trigger.js';
import { decisionsOf } from '../fixtures/decisions.js';
import { registryDocument, sealedEvent, signal } from '../fixtures/events.js';
import { type BrokerUnderTest, startBrokerUnderTest } from '../support/broker.js';

const [topic, consumer] = ['triggers', 'dp.finance.revenue'];

let under: BrokerUnderTest;
beforeAll(async () => {
  under = await startBrokerUnderTest({ topics: [{ name: topic, subscriptions: [{ name: 'all' }] }] });
});
afterAll(() => under.stop());

function triggerOf(eventId: string): Trigger {
  const registry = compileRegistry('000001-abc', registryDocument());
  const nowMs = Date.parse('2026-03-11T02:00:05.000Z');
  const event = { ...sealedEvent({ eventId }), note: 'Zürich – 東京' };
  const [decision] = decisionsOf(decide(signal(event), { registry, nowMs }));
  if (decision?.trigger === undefined) throw new Error('the seal fires');
  return { ...decision.trigger, correlationId: 'Zürich – 東京' };
}

async function take(options: { skipParsingBodyAsJson?: boolean } = {}): Promise<ServiceBusReceivedMessage> {
  const receiver = under.client.createReceiver(topic, 'all', { receiveMode: 'receiveAndDelete', ...options });
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  await receiver.close();
  if (message === undefined) throw new Error('no message came');
  return message;
}

describe('a trigger on the topic', () => {
  it('is read by a consumer as the object that was recorded, with what filters look at in its properties', async () => {
    const trigger = triggerOf('read');

    await createServiceBusTriggerTopic(under.client, topic).send([toOutgoingTrigger(trigger)]);

    const { messageId, subject, correlationId, contentType, applicationProperties, ...received } = await take();
    expect(received.body).toEqual(JSON.parse(JSON.stringify(trigger)));
    expect({ messageId, subject, correlationId, contentType }).toEqual({
      messageId: trigger.triggerId,
      subject: consumer,
      correlationId: trigger.correlationId,
      contentType: 'application/json',
    });
    expect(applicationProperties).toEqual({
      traceparent: trigger.traceparent,
      kind: 'trigger',
      stage: 'prod',
      subscription: 'sub.finance.revenue.orders',
      cause: 'live',
      registryVersion: '000001-abc',
      port: 'op.sales.orders.daily',
      version: '2.1.0',
    });
  });

  it('is on the wire byte for byte what the client makes of the object', async () => {
    const trigger = triggerOf('bytes');
    const sender = under.client.createSender(topic);
    await sender.sendMessages({ body: Trigger.parse(trigger), contentType: 'application/json' });
    const expected = await take({ skipParsingBodyAsJson: true });

    await createServiceBusTriggerTopic(under.client, topic).send([toOutgoingTrigger(trigger)]);

    expect((await take({ skipParsingBodyAsJson: true })).body).toEqual(expected.body);
  });
});
