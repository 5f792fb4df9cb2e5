import Long from 'long';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBusDesk } from '../support/bus-desk.js';

let under: Awaited<ReturnType<typeof openBusDesk>>;
beforeAll(async () => {
  under = await openBusDesk();
});
afterAll(() => under.stop());

describe('Service Bus clients on the broker', () => {
  it('receive what was sent, every field intact', async () => {
    const name = await under.queue();
    const sent = {
      body: { a: [1, 'zwei', null] },
      messageId: 'm-1',
      correlationId: 'c-1',
      subject: 's-1',
      to: 't-1',
      replyTo: 'r-1',
      contentType: 'application/json',
      partitionKey: 'p-1',
      timeToLive: 60_000,
      applicationProperties: { text: 'x', int: 7, big: 5_000_000_000, float: 1.5, flag: true },
    };
    await under.send(name, sent);

    const message = await under.one(under.receiver(name));

    expect(message).toMatchObject(sent);
    expect(message.deliveryCount).toBe(0);
    expect(message.sequenceNumber).toEqual(Long.fromNumber(1));
    expect(message.state).toBe('active');
    expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now());
  });

  it('receive an id with a message that was sent without one, and all else as it was sent', async () => {
    const name = await under.queue();
    await under.send(name, { body: 1 }, { body: 2, subject: 's', sessionId: 'x', contentType: 'text/plain' });

    const [bare, full] = await under.receiver(name).peekMessages(5);

    expect([bare?.messageId, full?.messageId]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{32}$/),
    ]);
    expect(bare?.messageId).not.toBe(full?.messageId);
    expect(full).toMatchObject({ body: 2, subject: 's', sessionId: 'x', contentType: 'text/plain' });
  });

  it('receive bodies of every kind as they were sent', async () => {
    const name = await under.queue();
    const bodies = [
      { bodyType: 'value' as const, body: { text: 'x', list: [1, 'two', null], deep: { a: true } } },
      { bodyType: 'sequence' as const, body: [[1, 'two'], [3]] },
      { bodyType: 'data' as const, body: Buffer.from([0, 255, 128]) },
    ];
    for (const body of bodies) await under.send(name, body);

    const received = await under.receiver(name).peekMessages(5);

    expect(received.map(({ body }) => body as unknown)).toEqual(bodies.map(({ body }) => body));
    expect(received.map(({ _rawAmqpMessage: { bodyType } }) => bodyType)).toEqual(['value', 'sequence', 'data']);
  });

  it('send batches, each message once and in order', async () => {
    const name = await under.queue();
    await under.send(
      name,
      Array.from({ length: 300 }, (_, n) => ({ body: n })),
    );

    const from = under.client.createReceiver(name, { receiveMode: 'receiveAndDelete' });
    const bodies: unknown[] = [];
    while (bodies.length < 300) bodies.push(...(await under.receive(from, 300)).map(({ body }) => body as unknown));

    expect(bodies).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(await under.receive(from)).toEqual([]);
  });

  it('refuse a message larger than the tier takes', async () => {
    const name = await under.queue();

    await expect(under.send(name, { body: Buffer.alloc(300 * 1024) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    });
  });

  it('see a missing entity as missing', async () => {
    await expect(under.send('nowhere', { body: 1 })).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
  });

  it('complete a message: it is gone', async () => {
    const name = await under.queue();
    await under.send(name, { body: 1 });
    const from = under.receiver(name);

    await from.completeMessage(await under.one(from));

    expect(await from.peekMessages(10)).toEqual([]);
  });

  it('abandon a message: it comes back first, counted, with changed properties', async () => {
    const name = await under.queue();
    await under.send(name, { body: 1 }, { body: 2 });
    const from = under.receiver(name);

    await from.abandonMessage(await under.one(from), { tried: 'once' });

    const again = await under.one(from);
    expect(again).toMatchObject({ body: 1, deliveryCount: 1, applicationProperties: { tried: 'once' } });
  });

  it('find a message in the dead-letter queue after its last delivery', async () => {
    const name = await under.queue({ maxDeliveryCount: 3 });
    await under.send(name, { body: 'poison', messageId: 'm' });
    const from = under.receiver(name);

    for (let attempt = 0; attempt < 3; attempt += 1) await from.abandonMessage(await under.one(from));

    expect(await under.receive(from)).toEqual([]);
    const dead = await under.one(under.client.createReceiver(name, { subQueueType: 'deadLetter' }));
    expect(dead).toMatchObject({
      body: 'poison',
      messageId: 'm',
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterSource: name,
    });
  });

  it('dead-letter a message with reason and text', async () => {
    const name = await under.queue();
    await under.send(name, { body: 1 });
    const from = under.receiver(name);

    await from.deadLetterMessage(await under.one(from), {
      deadLetterReason: 'bad',
      deadLetterErrorDescription: 'very',
    });

    const dead = await under.one(under.client.createReceiver(name, { subQueueType: 'deadLetter' }));
    expect(dead).toMatchObject({ deadLetterReason: 'bad', deadLetterErrorDescription: 'very' });
  });

  it('defer a message and receive it by its number only', async () => {
    const name = await under.queue();
    await under.send(name, { body: 'later' });
    const from = under.receiver(name);
    const message = await under.one(from);
    await from.deferMessage(message);

    expect(await under.receive(from)).toEqual([]);
    const [deferred] = await from.receiveDeferredMessages([message.sequenceNumber ?? Long.ZERO]);

    expect(deferred).toMatchObject({ body: 'later', state: 'deferred' });
    if (deferred) await from.completeMessage(deferred);
    await expect(from.receiveDeferredMessages([message.sequenceNumber ?? Long.ZERO])).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
  });

  it('lose a lock by time: the message comes back and the late settlement fails', async () => {
    const name = await under.queue({ lockDuration: 'PT5S' });
    await under.send(name, { body: 1 });
    const from = under.client.createReceiver(name, { maxAutoLockRenewalDurationInMs: 0 });
    const first = await under.one(from);

    under.pass(6_000);
    const second = await under.one(from);

    expect(second).toMatchObject({ body: 1, deliveryCount: 1 });
    await expect(from.completeMessage(first)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await from.completeMessage(second);
  });

  it('renew a lock and keep the message', async () => {
    const name = await under.queue({ lockDuration: 'PT10S' });
    await under.send(name, { body: 1 });
    const from = under.client.createReceiver(name, { maxAutoLockRenewalDurationInMs: 0 });
    const message = await under.one(from);

    under.pass(6_000);
    await from.renewMessageLock(message);
    under.pass(6_000);

    await from.completeMessage(message);
  });

  it('see a scheduled message when its time has come, and not before', async () => {
    const name = await under.queue();
    const sender = under.client.createSender(name);
    const soon = new Date(under.nowMs() + 60_000);
    const [cancelled] = await sender.scheduleMessages({ body: 'never' }, soon);
    await sender.sendMessages({ body: 'then', scheduledEnqueueTimeUtc: soon });
    const from = under.receiver(name);

    expect((await from.peekMessages(10)).map(({ state }) => state)).toEqual(['scheduled', 'scheduled']);
    await sender.cancelScheduledMessages(cancelled ?? Long.ZERO);
    expect(await under.receive(from)).toEqual([]);
    under.pass(61_000);

    expect(await under.one(from)).toMatchObject({ body: 'then' });
    expect(await under.receive(from)).toEqual([]);
  });

  it('never see a message that outlived its time, and find it dead-lettered where asked', async () => {
    const name = await under.queue({ deadLetteringOnMessageExpiration: true });
    await under.send(name, { body: 'stale', timeToLive: 1_000 });

    under.pass(2_000);

    expect(await under.receive(under.receiver(name))).toEqual([]);
    const dead = await under.one(under.client.createReceiver(name, { subQueueType: 'deadLetter' }));
    expect(dead).toMatchObject({ body: 'stale', deadLetterReason: 'TTLExpiredException' });
  });

  it('have a repeated message id dropped within the window, and accepted after it', async () => {
    const name = await under.queue({ requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: 'PT30S' });
    await under.send(name, { body: 1, messageId: 'x' }, { body: 2, messageId: 'x' });
    under.pass(31_000);
    await under.send(name, { body: 3, messageId: 'x' });

    expect((await under.receiver(name).peekMessages(10)).map(({ body }) => body as unknown)).toEqual([1, 3]);
  });

  it('peek without locking', async () => {
    const name = await under.queue();
    await under.send(name, { body: 1 }, { body: 2 });
    const from = under.receiver(name);

    expect((await from.peekMessages(1)).map(({ body }) => body as unknown)).toEqual([1]);
    expect((await from.peekMessages(5)).map(({ body }) => body as unknown)).toEqual([2]);
    expect(await under.one(from)).toMatchObject({ body: 1, deliveryCount: 0 });
  });

  it('stop receiving when their credit is drained', async () => {
    const name = await under.queue();
    const from = under.receiver(name);
    expect(await under.receive(from, 10, 200)).toEqual([]);

    await under.send(name, { body: 1 });

    expect(await under.one(under.receiver(name))).toMatchObject({ body: 1, deliveryCount: 0 });
  });

  it('process a subscription handler over many messages', async () => {
    const name = await under.queue();
    await under.send(
      name,
      Array.from({ length: 500 }, (_, n) => ({ body: n })),
    );
    const from = under.receiver(name);
    const seen = new Set<unknown>();
    await new Promise<void>((resolve, reject) => {
      from.subscribe(
        {
          processMessage: async ({ body }) => {
            seen.add(body);
            if (seen.size === 500) resolve();
          },
          processError: async ({ error }) => reject(error),
        },
        { maxConcurrentCalls: 20 },
      );
    });
    await from.close();

    expect(seen.size).toBe(500);
  });

  it('get an outcome of its own for each of many settlements made at once', async () => {
    const name = await under.queue({ lockDuration: 'PT5S' });
    await under.send(
      name,
      Array.from({ length: 10 }, (_, n) => ({ body: n })),
    );
    const from = under.client.createReceiver(name, { maxAutoLockRenewalDurationInMs: 0 });
    const late = await under.receive(from, 5);
    under.pass(6_000);
    const held = await under.receive(from, 10);

    const answers = await Promise.allSettled(
      held
        .slice(0, 5)
        .flatMap((message, n) => [
          from.completeMessage(message),
          late[n] ? from.completeMessage(late[n]) : Promise.reject(new Error('nothing came')),
        ]),
    );

    const codes = answers.map((answer) =>
      answer.status === 'fulfilled' ? 'done' : (answer.reason as { code: string }).code,
    );
    expect(codes).toEqual(Array.from({ length: 5 }, () => ['done', 'MessageLockLost']).flat());
  });
});
