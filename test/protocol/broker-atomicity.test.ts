import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventHubProducerClient } from '@azure/event-hubs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BrokerUnderTest, quickRetry, startBrokerUnderTest } from '../support/broker.js';

const entities = {
  hubs: [{ name: 'events', partitionCount: 1 }],
  queues: [{ name: 'work', duplicateWindowMs: 600_000 }],
  topics: [{ name: 'news', subscriptions: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }],
};

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'broker-atomicity-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const journalOf = (dataDir: string): string => path.join(dataDir, 'broker.journal');

/** The journal's size before and after something was done, with the journal itself. */
async function record(
  prepare: (under: BrokerUnderTest) => Promise<void>,
  act: (under: BrokerUnderTest) => Promise<void>,
): Promise<{ before: number; content: Buffer }> {
  const dataDir = path.join(home, 'whole');
  const under = await startBrokerUnderTest(entities, { dataDir });
  await prepare(under);
  const before = (await stat(journalOf(dataDir))).size;
  await act(under);
  await under.stop();
  return { before, content: await readFile(journalOf(dataDir)) };
}

/** What a broker finds that starts on a journal of this length. */
async function findAt<T>(
  { content }: { content: Buffer },
  length: number,
  look: (under: BrokerUnderTest) => Promise<T>,
): Promise<T> {
  const dataDir = path.join(home, String(length));
  await mkdir(dataDir);
  await writeFile(journalOf(dataDir), content.subarray(0, length));
  const under = await startBrokerUnderTest(entities, { dataDir });
  try {
    return await look(under);
  } finally {
    await under.stop();
  }
}

/** Ends of a journal that died within its last record, and the last one whole. */
function lengths({ before, content }: { before: number; content: Buffer }): number[] {
  const inside = Array.from({ length: 10 }, (_, n) => before + Math.floor(((content.length - before) * n) / 10));
  return [...new Set([...inside, content.length - 1, content.length])];
}

async function expectAllOrNone<T>(
  recorded: { before: number; content: Buffer },
  look: (under: BrokerUnderTest) => Promise<T>,
  [none, all]: [none: T, all: T],
): Promise<void> {
  for (const length of lengths(recorded)) {
    expect(await findAt(recorded, length, look)).toEqual(length === recorded.content.length ? all : none);
  }
}

const count = async ({ admin }: BrokerUnderTest, queue: string): Promise<[number, number]> => {
  const { activeMessageCount, deadLetterMessageCount } = await admin.getQueueRuntimeProperties(queue);
  return [activeMessageCount, deadLetterMessageCount];
};
const nothing = async (): Promise<void> => undefined;

describe('a broker that dies while it writes', () => {
  it('has a whole batch sent to a queue or nothing of it', async () => {
    const batch = Array.from({ length: 20 }, (_, n) => ({ body: n, messageId: `m${n}` }));
    const recorded = await record(nothing, ({ client }) => client.createSender('work').sendMessages(batch));

    await expectAllOrNone(recorded, (under) => count(under, 'work'), [
      [0, 0],
      [20, 0],
    ]);
  });

  it('has a message at every subscription of its topic or at none', async () => {
    const recorded = await record(nothing, ({ client }) => client.createSender('news').sendMessages({ body: 'x' }));
    const look = async ({ admin }: BrokerUnderTest): Promise<number[]> => {
      const found = ['a', 'b', 'c'].map((name) => admin.getSubscriptionRuntimeProperties('news', name));
      return (await Promise.all(found)).map(({ activeMessageCount }) => activeMessageCount);
    };

    await expectAllOrNone(recorded, look, [
      [0, 0, 0],
      [1, 1, 1],
    ]);
  });

  it('has a dead-lettered message in one of the two queues, never in both or neither', async () => {
    const recorded = await record(
      ({ client }) => client.createSender('work').sendMessages({ body: 'x' }),
      async ({ client }) => {
        const receiver = client.createReceiver('work');
        const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
        if (message) await receiver.deadLetterMessage(message);
      },
    );

    await expectAllOrNone(recorded, (under) => count(under, 'work'), [
      [1, 0],
      [0, 1],
    ]);
  });

  it('has a whole batch of events or nothing of it, and goes on without a gap', async () => {
    const batch = Array.from({ length: 20 }, (_, n) => ({ body: n }));
    const send = async ({ broker }: BrokerUnderTest): Promise<number> => {
      const producer = new EventHubProducerClient(broker.connectionString, 'events', quickRetry);
      await producer.sendBatch(batch);
      const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties('0');
      await producer.close();
      return lastEnqueuedSequenceNumber;
    };
    const recorded = await record(nothing, async (under) => void (await send(under)));

    await expectAllOrNone(recorded, send, [19, 39]);
  });
});
