import { EventHubProducerClient } from '@azure/event-hubs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMessagingStack } from '../../fixtures/messaging-stack.js';
import { seenBy, untilSeen } from '../../fixtures/recorded.js';
import type { Stack } from '../../../local/stack/start-stack.js';

describe('An Event Hubs trigger', () => {
  let stack: Stack;
  let producer: EventHubProducerClient;
  beforeAll(async () => {
    stack = await startMessagingStack();
    producer = new EventHubProducerClient(stack.endpoints.amqp, 'events');
  });
  afterAll(async () => {
    await producer.close();
    await stack.stop();
  });

  const send = (...bodies: unknown[]): Promise<void> =>
    producer.sendBatch(
      bodies.map((body) => ({ body, properties: { Kind: 'test' } })),
      { partitionId: '0' },
    );

  it('delivers batches of JSON bodies with aligned metadata whose keys start in lower case', async () => {
    await send({ id: 'json-1' }, { id: 'json-2' });
    const [first] = await untilSeen(stack, 'hubMany', 'json-1');
    expect(first?.bodies).toEqual([{ id: 'json-1' }, { id: 'json-2' }]);
    expect(first?.metadata).toMatchObject({
      propertiesArray: [{ kind: 'test' }, { kind: 'test' }],
      partitionKeyArray: [],
      sequenceNumberArray: [expect.any(Number), expect.any(Number)],
      triggerPartitionContext: {
        partitionId: '0',
        consumerGroup: '$Default',
        eventHubName: 'events',
        isCheckpointingAfterInvocation: true,
      },
    });
    expect(first?.metadata['enqueuedTimeUtcArray']).toHaveLength(2);
  });

  it('delivers bytes as they were sent when the data type is binary', async () => {
    const bytes = Buffer.from('{"raw":1}');
    await send(bytes);
    const seen = await untilSeen(stack, 'hubBinary', bytes.toString('base64'));
    expect(seen.length).toBeGreaterThan(0);
  });

  it('delivers one event per invocation when the cardinality is one', async () => {
    await send('single-1', 'single-2');
    const seen = await untilSeen(stack, 'hubOne', 'single-2');
    expect(seen.find(({ bodies }) => bodies[0] === 'single-1')?.bodies).toHaveLength(1);
    expect(seen.at(-1)?.metadata).toMatchObject({ properties: { kind: 'test' } });
    expect(typeof seen.at(-1)?.metadata['sequenceNumber']).toBe('number');
  });

  it('moves on, past a batch whose handler threw, without a retry policy', async () => {
    await send('throws-always-A');
    await untilSeen(stack, 'hubMany', 'throws-always-A');
    await stack.host.restart();
    await send('after-throw');
    const seen = await untilSeen(stack, 'hubMany', 'after-throw');
    expect(JSON.stringify(seen)).not.toContain('throws-always-A');
  });

  it('holds the partition back under a retry policy, counts the retries, and moves on when they end', async () => {
    await send('throws-always-B');
    await untilSeen(stack, 'hubRetry', 'throws-always-B');
    await send('after-retries');
    const seen = await untilSeen(stack, 'hubRetry', 'after-retries');
    const tries = seen.filter(({ bodies }) => bodies.includes('throws-always-B'));
    expect(tries.map(({ retry }) => retry?.retryCount ?? 0)).toEqual([0, 1, 2]);
    expect(tries.at(-1)?.retry).toMatchObject({ maxRetryCount: 2, exception: { message: 'hubRetry always fails' } });
  });

  it('writes no checkpoint while it retries: a killed host starts the batch again, its count at 0', async () => {
    await send('throws-always-C');
    await untilSeen(stack, 'hubRetry', 'throws-always-C');
    await stack.host.kill('SIGKILL');
    await stack.host.restart();
    const seen = await untilSeen(stack, 'hubRetry', 'throws-always-C');
    expect(seen.find(({ bodies }) => bodies.includes('throws-always-C'))?.retry).toBeNull();
  });

  it('resumes after the last checkpoint when the host was killed', async () => {
    await send('before-kill');
    await untilSeen(stack, 'hubMany', 'before-kill');
    await send('slow-in-flight');
    await untilSeen(stack, 'hubMany', 'slow-in-flight');
    await stack.host.kill('SIGKILL');
    await send('while-down');
    await stack.host.restart();
    const seen = await untilSeen(stack, 'hubMany', 'while-down');
    const bodies = seen.flatMap((one) => one.bodies);
    expect(bodies).toContain('slow-in-flight');
    expect(bodies).not.toContain('before-kill');
    expect(await seenBy(stack, 'hubMany')).toBeDefined();
  });
});
