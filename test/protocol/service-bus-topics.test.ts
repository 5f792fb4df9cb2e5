import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBusDesk } from '../support/bus-desk.js';

let under: Awaited<ReturnType<typeof openBusDesk>>;
beforeAll(async () => {
  under = await openBusDesk();
});
afterAll(() => under.stop());

describe('topics', () => {
  async function topic(): Promise<string> {
    const name = `t-${randomUUID()}`;
    await under.admin.createTopic(name);
    return name;
  }
  const bodies = async (name: string, subscription: string): Promise<unknown[]> =>
    (await under.client.createReceiver(name, subscription).peekMessages(20)).map(({ body }) => body as unknown);

  it('give each subscription what its filter lets through', async () => {
    const name = await topic();
    await under.admin.createSubscription(name, 'all');
    await under.admin.createSubscription(name, 'red', {
      defaultRuleOptions: { name: '$Default', filter: { subject: 'red' } },
    });
    const sqlExpression = "weight > 5 AND (color LIKE 'bl%' OR sys.Label = 'red') AND missing IS NULL";
    await under.admin.createSubscription(name, 'heavy', {
      defaultRuleOptions: { name: '$Default', filter: { sqlExpression } },
    });
    await under.send(
      name,
      { body: 1, subject: 'red', applicationProperties: { weight: 9 } },
      { body: 2, subject: 'blue', applicationProperties: { weight: 9, color: 'blue' } },
      { body: 3, subject: 'blue', applicationProperties: { weight: 1, color: 'blue' } },
    );

    expect(await bodies(name, 'all')).toEqual([1, 2, 3]);
    expect(await bodies(name, 'red')).toEqual([1]);
    expect(await bodies(name, 'heavy')).toEqual([1, 2]);
  });

  it('run a rule action on the copy', async () => {
    const name = await topic();
    const action = { sqlExpression: "SET tier = 'gold'; REMOVE noise" };
    await under.admin.createSubscription(name, 's', {
      defaultRuleOptions: { name: 'mark', filter: { sqlExpression: '1=1' }, action },
    });
    await under.send(name, { body: 1, applicationProperties: { noise: 1, kept: 2 } });

    const [copy] = await under.client.createReceiver(name, 's').peekMessages(1);

    expect(copy?.applicationProperties).toEqual({ kept: 2, tier: 'gold', RuleName: 'mark' });
  });

  it('set system properties of the copy by a rule action, and leave all else as it was', async () => {
    const name = await topic();
    const sqlExpression =
      "SET sys.Label = 'gold ' + sys.Label; SET sys.ContentType = 'text/plain'; REMOVE sys.To; SET n = 2";
    await under.admin.createSubscription(name, 's', {
      defaultRuleOptions: { name: 'mark', filter: { sqlExpression: '1=1' }, action: { sqlExpression } },
    });
    await under.admin.createSubscription(name, 'plain');
    const kept = { body: { a: 1 }, messageId: 'm', replyTo: 'you', correlationId: 'c' };
    const sent = { ...kept, subject: 'red', to: 'me' };
    const at = new Date(1_700_000_000_000);
    await under.send(name, { ...sent, applicationProperties: { n: 1, at, float: 1.5, big: 5_000_000_000 } });

    const [copy] = await under.client.createReceiver(name, 's', { skipConvertingDate: true }).peekMessages(1);
    const [plain] = await under.client.createReceiver(name, 'plain').peekMessages(1);

    expect(copy).toMatchObject({ ...kept, subject: 'gold red', contentType: 'text/plain' });
    expect(copy?.to).toBeUndefined();
    expect(copy?.applicationProperties).toEqual({ n: 2, at, float: 1.5, big: 5_000_000_000, RuleName: 'mark' });
    expect(plain).toMatchObject(sent);
  });

  it('refuse a rule that is not in the language or too large, at once and saying where', async () => {
    const name = await topic();
    await under.admin.createSubscription(name, 's');
    const rules = under.client.createRuleManager(name, 's');

    await expect(rules.createRule('bad', { sqlExpression: 'a = = 1' })).rejects.toThrow(/rule 'bad'.*line 1, column 5/);
    for (const sqlExpression of ['('.repeat(1_000), '('.repeat(100_000), `a = '${'x'.repeat(10_000_000)}'`]) {
      await expect(rules.createRule('bad', { sqlExpression })).rejects.toThrow(/nested|longer than 1024/);
    }
    expect((await under.admin.getRule(name, 's', '$Default')).name).toBe('$Default');
  });

  it('detect duplicates before the fan-out', async () => {
    const name = `t-${randomUUID()}`;
    await under.admin.createTopic(name, { requiresDuplicateDetection: true });
    await under.admin.createSubscription(name, 's');

    await under.send(name, { body: 1, messageId: 'x' }, { body: 2, messageId: 'x' });

    expect(await bodies(name, 's')).toEqual([1]);
  });

  it('hold scheduled messages back until their time', async () => {
    const name = await topic();
    await under.admin.createSubscription(name, 's');
    await under.send(name, { body: 1, scheduledEnqueueTimeUtc: new Date(under.nowMs() + 30_000) });
    expect(await bodies(name, 's')).toEqual([]);

    under.pass(31_000);

    expect(await under.one(under.client.createReceiver(name, 's'))).toMatchObject({ body: 1 });
  });

  it('let clients manage rules over AMQP', async () => {
    const name = await topic();
    await under.admin.createSubscription(name, 's');
    const rules = under.client.createRuleManager(name, 's');

    await rules.createRule('red', { subject: 'red', applicationProperties: { a: 1 } });
    await rules.createRule('sql', { sqlExpression: 'a = 1' });
    await rules.deleteRule('$Default');

    const listed = [];
    for await (const rule of rules.listRules()) listed.push([rule.name, rule.filter]);
    expect(listed).toMatchObject([
      ['red', { subject: 'red', applicationProperties: { a: 1 } }],
      ['sql', { sqlExpression: 'a = 1' }],
    ]);
    await expect(rules.createRule('sql', { sqlExpression: 'a = 1' })).rejects.toMatchObject({
      code: 'MessagingEntityAlreadyExists',
    });
    await expect(rules.deleteRule('nope')).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
  });
});

describe('sessions', () => {
  it('are received in order by one holder at a time, with state', async () => {
    const name = await under.queue({ requiresSession: true });
    await under.send(name, { body: 1, sessionId: 'a' }, { body: 2, sessionId: 'b' }, { body: 3, sessionId: 'a' });

    const a = await under.client.acceptSession(name, 'a');
    await expect(under.client.acceptSession(name, 'a')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
    const messages = await under.receive(a, 5);
    expect(messages.map(({ body }) => body as unknown)).toEqual([1, 3]);
    await a.setSessionState(Buffer.from('half way'));
    for (const message of messages) await a.completeMessage(message);
    await a.close();

    const next = await under.client.acceptNextSession(name);
    expect(next.sessionId).toBe('b');
    const again = await under.client.acceptSession(name, 'a');
    expect(String(await again.getSessionState())).toBe('half way');
    expect((await again.renewSessionLock()).getTime()).toBeGreaterThan(Date.now());
    await again.close();
    await next.close();
  });

  it('are waited for when none is available, and given when one comes', async () => {
    const name = await under.queue({ requiresSession: true });
    const waiting = under.client.acceptNextSession(name);
    await under.send(name, { body: 1, sessionId: 'late' });

    const session = await waiting;

    expect(session.sessionId).toBe('late');
    expect(await under.one(session)).toMatchObject({ body: 1 });
    await session.close();
  });

  it('are lost by time', async () => {
    const name = await under.queue({ requiresSession: true, lockDuration: 'PT5S' });
    await under.send(name, { body: 1, sessionId: 'a' });
    const session = await under.client.acceptSession(name, 'a', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await under.one(session);

    under.pass(6_000);
    const second = await under.client.acceptNextSession(name);

    expect(await under.one(second)).toMatchObject({ body: 1 });
    await expect(session.completeMessage(message)).rejects.toMatchObject({ code: 'SessionLockLost' });
    await second.close();
  });

  it('are required where the queue says so, and refused where it does not', async () => {
    const name = await under.queue({ requiresSession: true });
    const plain = await under.queue();

    await expect(under.send(name, { body: 1 })).rejects.toThrow(/session/i);
    await expect(under.one(under.receiver(name), 1_000)).rejects.toThrow(/session/i);
    await expect(under.client.acceptSession(plain, 'a')).rejects.toThrow(/session/i);
  });
});
