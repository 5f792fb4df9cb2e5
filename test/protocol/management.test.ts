import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from '../support/broker.js';

let under: BrokerUnderTest;
beforeAll(async () => {
  under = await startBrokerUnderTest({});
});
afterAll(() => under.stop());

const fresh = (kind: string): string => `${kind}-${randomUUID()}`;
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('the management client', () => {
  it('creates a queue with its settings and reads them back', async () => {
    const name = fresh('q');
    const settings = {
      lockDuration: 'PT30S',
      maxDeliveryCount: 4,
      requiresSession: true,
      requiresDuplicateDetection: true,
      duplicateDetectionHistoryTimeWindow: 'PT1M',
      defaultMessageTimeToLive: 'PT1H',
      deadLetteringOnMessageExpiration: true,
      userMetadata: 'mine & <yours>',
    };

    await under.admin.createQueue(name, settings);

    expect(await under.admin.getQueue(name)).toMatchObject({ name, ...settings });
  });

  it('tells an entity that exists from one that does not', async () => {
    const name = fresh('q');
    await under.admin.createQueue(name);

    expect([await under.admin.queueExists(name), await under.admin.queueExists('nope')]).toEqual([true, false]);
    await expect(under.admin.createQueue(name)).rejects.toMatchObject({ code: 'MessageEntityAlreadyExistsError' });
    await expect(under.admin.getQueue('nope')).rejects.toMatchObject({ code: 'MessageEntityNotFoundError' });
    await expect(under.admin.deleteTopic('nope')).rejects.toMatchObject({ code: 'MessageEntityNotFoundError' });
  });

  it('deletes what it created, with everything in it', async () => {
    const name = fresh('q');
    await under.admin.createQueue(name);
    await under.client.createSender(name).sendMessages({ body: 1 });

    await under.admin.deleteQueue(name);
    await under.admin.createQueue(name);

    expect(await under.client.createReceiver(name).peekMessages(5)).toEqual([]);
  });

  it('lists more entities than fit one page', async () => {
    const topic = fresh('t');
    await under.admin.createTopic(topic);
    const names = Array.from({ length: 230 }, (_, n) => `s${String(n).padStart(3, '0')}`);
    for (const name of names) await under.admin.createSubscription(topic, name);

    const listed = await collect(under.admin.listSubscriptions(topic));

    expect(listed.map(({ subscriptionName }) => subscriptionName)).toEqual(names);
    expect((await under.admin.getTopicRuntimeProperties(topic)).subscriptionCount).toBe(230);
    expect((await collect(under.admin.listTopics())).map(({ name }) => name)).toContain(topic);
  });

  it('keeps rules of every kind and replaces one', async () => {
    const topic = fresh('t');
    await under.admin.createTopic(topic);
    await under.admin.createSubscription(topic, 's');
    await under.admin.createRule(topic, 's', 'sql', { sqlExpression: 'a > 1' }, { sqlExpression: "SET b = 'x'" });
    const filter = { subject: 'red', correlationId: 'c', applicationProperties: { n: 1, s: 'x', b: true } };
    await under.admin.createRule(topic, 's', 'red', filter);

    const rules = await collect(under.admin.listRules(topic, 's'));
    expect(rules).toMatchObject([
      { name: '$Default', filter: { sqlExpression: '1=1' } },
      { name: 'sql', filter: { sqlExpression: 'a > 1' }, action: { sqlExpression: "SET b = 'x'" } },
      { name: 'red', filter },
    ]);
    const red = await under.admin.getRule(topic, 's', 'red');
    await under.admin.updateRule(topic, 's', { ...red, filter: { subject: 'blue' } });
    expect((await under.admin.getRule(topic, 's', 'red')).filter).toMatchObject({ subject: 'blue' });
    await under.admin.deleteRule(topic, 's', '$Default');
    expect((await collect(under.admin.listRules(topic, 's'))).map(({ name }) => name)).toEqual(['sql', 'red']);
  });

  it('refuses a filter that is not in the language, saying where, and one that is too large', async () => {
    const topic = fresh('t');
    await under.admin.createTopic(topic);
    await under.admin.createSubscription(topic, 's');

    await expect(under.admin.createRule(topic, 's', 'bad', { sqlExpression: 'a = = 1' })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringMatching(/filter of rule 'bad' is not valid: line 1, column 5/) as string,
    });
    const huge = { sqlExpression: `a = '${'x'.repeat(10_000_000)}'` };
    await expect(under.admin.createRule(topic, 's', 'bad', huge)).rejects.toMatchObject({ statusCode: 413 });
    const deep = { sqlExpression: '('.repeat(100_000) };
    await expect(under.admin.createRule(topic, 's', 'bad', deep)).rejects.toMatchObject({ statusCode: 400 });
    expect(await under.admin.ruleExists(topic, 's', 'bad')).toBe(false);
  });

  it('counts messages by what they wait for', async () => {
    const name = fresh('q');
    await under.admin.createQueue(name);
    const sender = under.client.createSender(name);
    await sender.sendMessages([{ body: 1 }, { body: 2 }]);
    await sender.scheduleMessages({ body: 3 }, new Date(Date.now() + 3_600_000));
    const receiver = under.client.createReceiver(name);
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 2_000 });
    if (!message) throw new Error('two messages were sent');
    await receiver.deadLetterMessage(message);

    expect(await under.admin.getQueueRuntimeProperties(name)).toMatchObject({
      activeMessageCount: 1,
      deadLetterMessageCount: 1,
      scheduledMessageCount: 1,
      totalMessageCount: 3,
    });
  });

  it('reads the namespace', async () => {
    expect(await under.admin.getNamespaceProperties()).toMatchObject({ messagingSku: 'Standard' });
  });
});

describe('the management interface', () => {
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${under.broker.adminPort}${path}`, { headers: { authorization: 'x' }, ...init });

  it('answers 401 to a request without an authorization', async () => {
    const answer = await ask('/$namespaceinfo', { headers: {} });

    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('Authorization');
  });

  it.each(['/%', '/%E0%A4%A', '/a%zz/Subscriptions/b'])('answers 400 to the malformed path %s', async (path) => {
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await ask(path, { method })).status).toBe(400);
  });

  it.each([
    ['no XML', 'hello'],
    ['an entry of another kind', '<entry><content><Nothing/></content></entry>'],
    ['elements nested without end', '<a>'.repeat(80_000)],
  ])('answers 400 to %s', async (_, body) => {
    expect((await ask('/some-queue', { method: 'PUT', body })).status).toBe(400);
  });

  it('answers 400 to names the service does not take', async () => {
    await expect(under.admin.createQueue('q'.repeat(261))).rejects.toMatchObject({ statusCode: 400 });
    await expect(under.admin.createQueue('a*b')).rejects.toMatchObject({ statusCode: 400 });
    await expect(under.admin.createSubscription('t', 's'.repeat(51))).rejects.toMatchObject({ statusCode: 400 });
    expect((await ask('/$Resources/queues?$skip=x')).status).toBe(400);
  });

  it('deletes by path: the request of a client for a queue is the one for a topic of that name', async () => {
    const name = fresh('t');
    await under.admin.createTopic(name);

    await expect(under.admin.deleteQueue(fresh('nothing'))).rejects.toMatchObject({ statusCode: 404 });
    await under.admin.deleteQueue(name);

    expect(await under.admin.topicExists(name)).toBe(false);
  });
});
