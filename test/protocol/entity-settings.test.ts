import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EntityStatus, QueueProperties } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../fixtures/until.js';
import { type BrokerUnderTest, startBrokerUnderTest } from '../support/broker.js';

let under: BrokerUnderTest;
let dataDir: string;
/** The broker's clock runs ahead of the machine's by this much. */
let aheadMs = 0;
const nowMs = (): number => Date.now() + aheadMs;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'entity-settings-'));
  under = await startBrokerUnderTest({}, { dataDir, nowMs });
});
afterAll(async () => {
  await under.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function restart(): Promise<void> {
  await under.stop();
  under = await startBrokerUnderTest({}, { dataDir, nowMs });
}

const fresh = (kind: string): string => `${kind}-${randomUUID()}`;
async function changeQueue(name: string, changes: Partial<QueueProperties>): Promise<void> {
  await under.admin.updateQueue({ ...(await under.admin.getQueue(name)), ...changes });
}
async function makeQueue(options: Parameters<BrokerUnderTest['admin']['createQueue']>[1] = {}): Promise<string> {
  const name = fresh('q');
  await under.admin.createQueue(name, options);
  return name;
}
const send = async (to: string, ...bodies: unknown[]): Promise<void> => {
  const sender = under.client.createSender(to);
  for (const body of bodies) await sender.sendMessages({ body });
  await sender.close();
};
const peek = async (from: string, subscription?: string): Promise<unknown[]> => {
  const receiver =
    subscription === undefined ? under.client.createReceiver(from) : under.client.createReceiver(from, subscription);
  return (await receiver.peekMessages(10)).map(({ body }) => body as unknown);
};

const common = {
  defaultMessageTimeToLive: 'P2D',
  autoDeleteOnIdle: 'PT6M',
  userMetadata: 'changed & <kept>',
  status: 'ReceiveDisabled' as EntityStatus,
  enableBatchedOperations: false,
};
const waiting = { lockDuration: 'PT1M30S', maxDeliveryCount: 3, deadLetteringOnMessageExpiration: true };

describe('an update of a living entity', () => {
  it('changes every setting of a queue, also after a restart', async () => {
    const name = await makeQueue({ requiresDuplicateDetection: true });
    const changes = {
      ...common,
      ...waiting,
      duplicateDetectionHistoryTimeWindow: 'PT2M',
      maxSizeInMegabytes: 2048,
    };

    await changeQueue(name, changes);

    expect(await under.admin.getQueue(name)).toMatchObject(changes);
    await restart();
    expect(await under.admin.getQueue(name)).toMatchObject(changes);
  });

  it('changes every setting of a topic and its subscription, also after a restart', async () => {
    const topic = fresh('t');
    await under.admin.createTopic(topic, { requiresDuplicateDetection: true });
    await under.admin.createSubscription(topic, 's');
    const topicChanges = {
      ...common,
      status: 'SendDisabled' as EntityStatus,
      duplicateDetectionHistoryTimeWindow: 'PT2M',
      maxSizeInMegabytes: 3072,
      supportOrdering: false,
    };
    const changes = { ...common, ...waiting, deadLetteringOnFilterEvaluationExceptions: false };

    await under.admin.updateTopic({ ...(await under.admin.getTopic(topic)), ...topicChanges });
    await under.admin.updateSubscription({ ...(await under.admin.getSubscription(topic, 's')), ...changes });

    for (const again of [async () => undefined, restart]) {
      await again();
      expect(await under.admin.getTopic(topic)).toMatchObject(topicChanges);
      expect(await under.admin.getSubscription(topic, 's')).toMatchObject(changes);
    }
    expect((await under.admin.getRule(topic, 's', '$Default')).filter).toMatchObject({ sqlExpression: '1=1' });
  });

  it('takes effect on the messages already there and on new ones', async () => {
    const name = await makeQueue({ lockDuration: 'PT5M', maxDeliveryCount: 10 });
    await send(name, 'old');

    await changeQueue(name, { lockDuration: 'PT10S', maxDeliveryCount: 1, defaultMessageTimeToLive: 'PT30S' });
    await send(name, 'new');
    const receiver = under.client.createReceiver(name, { maxAutoLockRenewalDurationInMs: 0 });
    const [old] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
    if (!old) throw new Error('two messages were sent');
    expect((old.lockedUntilUtc?.getTime() ?? 0) - nowMs()).toBeLessThanOrEqual(10_000);
    aheadMs += 11_000;

    const dead = under.client.createReceiver(name, { subQueueType: 'deadLetter' });
    const [moved] = await dead.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
    expect(moved).toMatchObject({ body: 'old', deadLetterReason: 'MaxDeliveryCountExceeded' });
    aheadMs += 31_000;
    expect(await peek(name)).toEqual([]);
  });

  it('looks for duplicates as far back as it says', async () => {
    const name = await makeQueue({ requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: 'PT10M' });
    const sender = under.client.createSender(name);
    await sender.sendMessages({ body: 1, messageId: 'x' });

    await changeQueue(name, { duplicateDetectionHistoryTimeWindow: 'PT20S' });
    aheadMs += 21_000;
    await sender.sendMessages({ body: 2, messageId: 'x' });

    expect(await peek(name)).toEqual([1, 2]);
  });

  it('tells when it was made and last changed', async () => {
    const name = await makeQueue();
    const made = await under.admin.getQueueRuntimeProperties(name);
    aheadMs += 5_000;

    await changeQueue(name, { maxDeliveryCount: 2 });
    await send(name, 'x'.repeat(1_000));
    await restart();

    const later = await under.admin.getQueueRuntimeProperties(name);
    expect(later.createdAt).toEqual(made.createdAt);
    expect(later.modifiedAt.getTime() - made.modifiedAt.getTime()).toBeGreaterThanOrEqual(5_000);
    expect(later.sizeInBytes).toBeGreaterThan(1_000);
  });

  it('is refused where the service fixes a setting at creation', async () => {
    const name = await makeQueue();

    await expect(changeQueue(name, { requiresSession: true })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('RequiresSession') as string,
    });
    await expect(changeQueue(name, { requiresDuplicateDetection: true })).rejects.toMatchObject({ statusCode: 400 });
  });

  it('is refused for an entity of another kind or none', async () => {
    const topic = fresh('t');
    await under.admin.createTopic(topic);
    const queue = await under.admin.getQueue(await makeQueue());

    for (const name of [topic, fresh('nothing')]) {
      await expect(under.admin.updateQueue({ ...queue, name })).rejects.toMatchObject({ statusCode: 404 });
    }
  });
});

describe('a setting the broker cannot serve', () => {
  it.each([
    ['ForwardTo', { forwardTo: 'other' }],
    ['ForwardDeadLetteredMessagesTo', { forwardDeadLetteredMessagesTo: 'other' }],
    ['EnablePartitioning', { enablePartitioning: true }],
    ['EnableExpress', { enableExpress: true }],
    ['AuthorizationRules', { authorizationRules: [{ claimType: 'SharedAccessKey' as const, keyName: 'k' }] }],
    ['MaxMessageSizeInKilobytes', { maxMessageSizeInKilobytes: 2048 }],
    ['MaxSizeInMegabytes', { maxSizeInMegabytes: 1000 }],
    ['LockDuration', { lockDuration: 'PT6M' }],
    ['LockDuration', { lockDuration: 'soon' }],
    ['MaxDeliveryCount', { maxDeliveryCount: 0 }],
    ['AutoDeleteOnIdle', { autoDeleteOnIdle: 'PT1M' }],
    ['DuplicateDetectionHistoryTimeWindow', { duplicateDetectionHistoryTimeWindow: 'PT1S' }],
    ['UserMetadata', { userMetadata: 'x'.repeat(1_025) }],
    ['Status', { status: 'Restoring' as EntityStatus }],
  ])('is refused by name, at creation and at an update: %s', async (setting, changes) => {
    const refusal = { statusCode: 400, message: expect.stringContaining(setting) as string };
    const name = fresh('q');
    await expect(under.admin.createQueue(name, changes as Partial<QueueProperties>)).rejects.toMatchObject(refusal);
    expect(await under.admin.queueExists(name)).toBe(false);

    await under.admin.createQueue(name);
    await expect(changeQueue(name, changes as Partial<QueueProperties>)).rejects.toMatchObject(refusal);
  });
});

describe('the status of an entity', () => {
  const disabled = { code: 'MessagingEntityDisabled' };
  const receive = (name: string): Promise<unknown> =>
    under.client.createReceiver(name).receiveMessages(1, { maxWaitTimeInMs: 500 });

  it.each<[EntityStatus, boolean, boolean]>([
    ['Active', true, true],
    ['SendDisabled', false, true],
    ['ReceiveDisabled', true, false],
    ['Disabled', false, false],
  ])('%s at creation: sending %s, receiving %s', async (status, sends, receives) => {
    const name = await makeQueue({ status });

    const sent = await Promise.allSettled([send(name, 1)]);
    const received = await Promise.allSettled([receive(name), peek(name)]);

    expect(sent.map((each) => each.status)).toEqual([sends ? 'fulfilled' : 'rejected']);
    expect(received.map((each) => each.status)).toEqual(Array(2).fill(receives ? 'fulfilled' : 'rejected'));
    for (const each of [...sent, ...received]) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject(disabled);
    }
  });

  it('detaches receivers and refuses open senders when it changes, and lets them back', async () => {
    const name = await makeQueue();
    const sender = under.client.createSender(name);
    await sender.sendMessages({ body: 1 });
    const receiver = under.client.createReceiver(name);
    const [held] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
    if (!held) throw new Error('a message was sent');
    const codes: unknown[] = [];
    const subscription = under.client.createReceiver(name).subscribe({
      processMessage: async () => undefined,
      processError: async ({ error }) => void codes.push((error as { code?: unknown }).code),
    });

    await changeQueue(name, { status: 'Disabled' });

    await expect(sender.sendMessages({ body: 2 })).rejects.toMatchObject(disabled);
    await expect(receiver.completeMessage(held)).rejects.toMatchObject(disabled);
    await until('the subscription is told', () => (codes.includes(disabled.code) ? true : undefined));
    await subscription.close();
    await changeQueue(name, { status: 'Active' });
    await sender.sendMessages({ body: 3 });
    expect(await peek(name)).toEqual([1, 3]);
  });

  it('of a subscription stops its receivers only: it still gets its copies', async () => {
    const topic = fresh('t');
    await under.admin.createTopic(topic);
    await under.admin.createSubscription(topic, 's', { status: 'Disabled' });
    await under.admin.createSubscription(topic, 'other');
    const rules = under.client.createRuleManager(topic, 's');

    await send(topic, 1);

    await expect(peek(topic, 's')).rejects.toMatchObject(disabled);
    await expect(rules.deleteRule('$Default')).rejects.toMatchObject(disabled);
    expect(await peek(topic, 'other')).toEqual([1]);
    await under.admin.updateSubscription({ ...(await under.admin.getSubscription(topic, 's')), status: 'Active' });
    expect(await peek(topic, 's')).toEqual([1]);
  });

  it('of a topic stops its senders and the receivers of its subscriptions', async () => {
    const topic = fresh('t');
    await under.admin.createTopic(topic, { status: 'Disabled' });
    await under.admin.createSubscription(topic, 's');

    await expect(send(topic, 1)).rejects.toMatchObject(disabled);
    await expect(peek(topic, 's')).rejects.toMatchObject(disabled);
  });
});

describe('an entity nobody uses', () => {
  const gone = (exists: () => Promise<boolean>): Promise<true> =>
    until('it is removed', async () => ((await exists()) ? undefined : true));

  it('is removed when its idle time is over, also after a restart', async () => {
    const name = await makeQueue({ autoDeleteOnIdle: 'PT5M' });
    const topic = fresh('t');
    await under.admin.createTopic(topic);
    await under.admin.createSubscription(topic, 's', { autoDeleteOnIdle: 'PT5M' });
    aheadMs += 299_000;
    expect([await under.admin.queueExists(name), await under.admin.subscriptionExists(topic, 's')]).toEqual([
      true,
      true,
    ]);

    aheadMs += 2_000;

    await gone(() => under.admin.queueExists(name));
    await gone(() => under.admin.subscriptionExists(topic, 's'));
    await restart();
    expect([await under.admin.queueExists(name), await under.admin.topicExists(topic)]).toEqual([false, true]);
  });

  it('stays while it is used: by sends, receivers or scheduled messages', async () => {
    const options = { autoDeleteOnIdle: 'PT5M' };
    const [sent, received, scheduled] = [await makeQueue(options), await makeQueue(options), await makeQueue(options)];
    const subscription = under.client
      .createReceiver(received)
      .subscribe({ processMessage: async () => undefined, processError: async () => undefined });
    await under.client.createSender(scheduled).scheduleMessages({ body: 1 }, new Date(nowMs() + 3_600_000));
    const idle = await makeQueue(options);
    aheadMs += 200_000;
    await send(sent, 1);
    aheadMs += 200_000;

    await gone(() => under.admin.queueExists(idle));
    for (const name of [sent, received, scheduled]) expect(await under.admin.queueExists(name)).toBe(true);
    await subscription.close();
  });
});

describe('a deleted entity', () => {
  it('detaches its receivers, which are told that it is gone', async () => {
    const name = await makeQueue();
    const codes: unknown[] = [];
    const subscription = under.client.createReceiver(name).subscribe({
      processMessage: async () => undefined,
      processError: async ({ error }) => void codes.push((error as { code?: unknown }).code),
    });
    await until('the receiver is attached', async () => {
      await send(name, 1);
      return (await peek(name)).length === 0 ? true : undefined;
    });

    await under.admin.deleteQueue(name);

    await until('the receiver is told', () => (codes.includes('MessagingEntityNotFound') ? true : undefined));
    await subscription.close();
  });
});
