import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventHubProducerClient } from '@azure/event-hubs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quickRetry, startBrokerUnderTest } from '../support/broker.js';

const entities = { hubs: [{ name: 'events', partitionCount: 1 }], queues: [{ name: 'work' }] };
const compactAboveBytes = 60_000;
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'broker-compaction-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

describe('a broker that rewrites its journal while it works', () => {
  it('loses nothing that was accepted meanwhile, and keeps the file small', async () => {
    const under = await startBrokerUnderTest(entities, { dataDir, compactAboveBytes });
    const producer = new EventHubProducerClient(under.broker.connectionString, 'events', quickRetry);
    const sender = under.client.createSender('work');
    const receiver = under.client.createReceiver('work', { receiveMode: 'receiveAndDelete' });
    const body = 'x'.repeat(2_000);
    const taken = new Set<string>();
    for (let round = 0; round < 15; round += 1) {
      const messages = Array.from({ length: 20 }, (_, n) => ({ body, messageId: `m${round}-${n}` }));
      const receiving = receiver.receiveMessages(19, { maxWaitTimeInMs: 2_000 });
      await Promise.all([
        ...messages.map((message) => sender.sendMessages(message)),
        producer.sendBatch([{ body: round }]),
      ]);
      for (const { messageId } of await receiving) taken.add(String(messageId));
    }
    const all = Array.from({ length: 15 }, (_, round) =>
      Array.from({ length: 20 }, (__, n) => `m${round}-${n}`),
    ).flat();
    await producer.close();
    await under.stop();

    const again = await startBrokerUnderTest(entities, { dataDir });
    const left = await again.client.createReceiver('work').peekMessages(500);
    const events = new EventHubProducerClient(again.broker.connectionString, 'events', quickRetry);
    const { lastEnqueuedSequenceNumber } = await events.getPartitionProperties('0');
    await events.close();
    await again.stop();

    expect([...taken, ...left.map(({ messageId }) => String(messageId))].sort()).toEqual(all.sort());
    expect(lastEnqueuedSequenceNumber).toBe(14);
    expect((await stat(path.join(dataDir, 'broker.journal'))).size).toBeLessThan(all.length * body.length);
  });
});
