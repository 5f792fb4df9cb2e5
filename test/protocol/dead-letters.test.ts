import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createServiceBusConsumerChannels,
  toChannelName,
} from '../../shared/adapters/service-bus/consumer-channels.js';
import { createServiceBusDeadLetters } from '../../shared/adapters/service-bus/dead-letters.js';
import { type BrokerUnderTest, startBrokerUnderTest } from '../support/broker.js';

const consumer = 'dp.finance.revenue';
const duplicateWindowMs = 600_000;
const queues = { normalize: 'normalize', evaluate: 'evaluate', dispatch: 'dispatch' };
let under: BrokerUnderTest;
/** How far our clock is ahead: a test does not wait for a window to end. */
let aheadMs = 0;

beforeAll(async () => {
  under = await startBrokerUnderTest({
    queues: Object.values(queues).map((name) => ({ name })),
    topics: [{ name: 'triggers', duplicateWindowMs }],
  });
  await createServiceBusConsumerChannels(under.admin, 'triggers').ensure(consumer);
});
afterAll(() => under.stop());

const open = () => {
  const { client, admin } = under;
  return createServiceBusDeadLetters(
    { client, admin, nowMs: () => Date.now() + aheadMs },
    { queues, topic: 'triggers' },
  );
};

async function deadLetter(receiver: ReturnType<typeof under.client.createReceiver>, count: number): Promise<void> {
  const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: 5_000 });
  for (const message of messages)
    await receiver.deadLetterMessage(message, { deadLetterReason: 'broken', deadLetterErrorDescription: 'it broke' });
  await receiver.close();
}

describe('dead letters', { timeout: 60_000 }, () => {
  it('of a queue are listed without being touched, and sent again with the same id and body', async () => {
    const sender = under.client.createSender('evaluate');
    await sender.sendMessages({
      messageId: 'm-1',
      body: { n: 1 },
      subject: 'evaluate',
      contentType: 'application/json',
    });
    await deadLetter(under.client.createReceiver('evaluate'), 1);
    const source = { kind: 'queue', queue: 'evaluate' } as const;

    const listed = await open().peek(source, 10);
    expect(listed).toMatchObject([{ messageId: 'm-1', reason: 'broken' }]);
    expect(await open().peek(source, 10)).toHaveLength(1);

    expect(await open().redrive(source, 10)).toMatchObject({ redriven: [{ messageId: 'm-1' }], tooRecent: [] });

    const receiver = under.client.createReceiver('evaluate', { receiveMode: 'receiveAndDelete' });
    const [again] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
    expect(again).toMatchObject({ messageId: 'm-1', body: { n: 1 }, subject: 'evaluate' });
    expect(again?.applicationProperties).not.toHaveProperty('DeadLetterReason');
    expect(await open().peek(source, 10)).toEqual([]);
  });

  it('of a consumer stay while the topic would drop them as duplicates, and reach that consumer afterwards', async () => {
    const sender = under.client.createSender('triggers');
    await sender.sendMessages({ messageId: 't-1', body: { n: 1 }, subject: consumer });
    const name = toChannelName(consumer);
    await deadLetter(under.client.createReceiver('triggers', name), 1);
    const source = { kind: 'consumer', consumer } as const;

    expect(await open().redrive(source, 10)).toMatchObject({ redriven: [], tooRecent: [{ messageId: 't-1' }] });
    expect(await open().peek(source, 10)).toHaveLength(1);

    aheadMs = duplicateWindowMs + 1_000;
    expect(await open().redrive(source, 10)).toMatchObject({ redriven: [{ messageId: 't-1' }], tooRecent: [] });
    expect(await open().peek(source, 10)).toEqual([]);
  });

  it('of which there are none give an empty answer', async () => {
    expect(await open().redrive({ kind: 'queue', queue: 'dispatch' }, 10)).toEqual({ redriven: [], tooRecent: [] });
  });
});
