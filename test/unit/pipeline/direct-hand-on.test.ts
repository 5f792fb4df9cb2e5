import { describe, expect, it } from 'vitest';
import type { HubEvent } from '../../../shared/pipeline/hub-event.js';
import { RetryableError } from '../../../shared/ports/errors.js';
import { origin, registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openMemoryWorld } from '../../support/memory-world.js';

/** The snapshots of these hours, at these places of a partition. */
function batchOf(...places: number[]): HubEvent[] {
  return places.map((place) => {
    const watermark = new Date(Date.UTC(2026, 2, 10, place)).toISOString();
    const body = Buffer.from(JSON.stringify(sealedEvent({ eventId: `e-${place}`, snapshot: { watermark } })));
    return { body, properties: {}, origin: origin(place) };
  });
}

/** A process that has finished the batch at place 0, and nothing waits. */
async function openRunning(subscriptions = [subscription()]) {
  const world = await openMemoryWorld(registryDocument(subscriptions), 'direct');
  await world.ingest(batchOf(0));
  await world.drain();
  world.reported.splice(0);
  world.topic.sent.splice(0);
  const failing = new Set<string>();
  world.interfere((call, effect) =>
    failing.has(call) ? Promise.reject(new RetryableError(`${call} is away`)) : effect(),
  );
  return { ...world, failing, waiting: () => world.queues.waiting.map(({ message }) => message.kind) };
}

describe('handing on directly', () => {
  it('takes a batch from the hub to the topic in one invocation, and tells of each stage', async () => {
    const world = await openRunning();

    await world.ingest(batchOf(1, 2));

    expect(world.topic.sent).toHaveLength(2);
    expect(world.queues.waiting).toEqual([]);
    expect(world.reported).toEqual(['dispatch handled 2', 'evaluate handled 2', 'normalize handled 2']);
  });

  it('leaves what a stage fails at to its queue, which brings it to an end', async () => {
    const world = await openRunning();
    world.failing.add('ledger.record');

    await world.ingest(batchOf(1));

    expect(world.waiting()).toEqual(['evaluate']);
    expect(world.reported[0]).toBe('evaluate failed: RetryableError: ledger.record is away');
    world.failing.clear();
    await world.drain();
    expect(world.topic.sent).toHaveLength(1);
  });

  it('claims no trigger that it sends at once: it is recorded as claimed', async () => {
    const world = await openRunning();
    const calls: string[] = [];
    world.interfere((call, effect) => {
      calls.push(call);
      return effect();
    });

    await world.ingest(batchOf(1));

    expect(calls).toEqual(['signals.insert', 'ledger.record', 'topic.send', 'ledger.markSent']);
  });

  it('leaves a trigger that could not be sent to the sweep, which waits for the end of its lease', async () => {
    const world = await openRunning();
    world.failing.add('topic.send');
    await world.ingest(batchOf(1));
    world.failing.clear();
    expect(world.reported[0]).toBe('dispatch failed: RetryableError: topic.send is away');

    world.advance(59_999);
    await world.sweep();
    await world.drain();
    expect(world.topic.sent).toEqual([]);

    world.advance(2);
    await world.sweep();
    await world.drain();
    expect(world.topic.sent).toHaveLength(1);
  });

  it('sends nothing once the lease under which it was recorded is over', async () => {
    const world = await openRunning();
    world.interfere(async (call, effect) => {
      const result = await effect();
      if (call === 'ledger.record') world.advance(60_000);
      return result;
    });

    await world.ingest(batchOf(1));

    expect(world.topic.sent).toEqual([]);
    world.advance(1);
    await world.sweep();
    await world.drain();
    expect(world.topic.sent).toHaveLength(1);
  });

  it('leaves triggers to the queue when one batch makes more than a thousand, so that all instances share them', async () => {
    const many = Array.from({ length: 501 }, (_, n) => subscription({ key: `sub.finance.revenue.s${n}` }));
    const world = await openRunning(many);

    await world.ingest(batchOf(1));
    expect(world.topic.sent).toHaveLength(501);

    await world.ingest(batchOf(2, 3));
    expect(world.topic.sent).toHaveLength(501);
    expect(new Set(world.waiting())).toEqual(new Set(['dispatch']));
    expect(world.waiting()).toHaveLength(1_002);
  });

  it('sends nothing before a retraction of the same batch has taken back what it takes back', async () => {
    const world = await openRunning();
    const [seal] = batchOf(1);
    if (seal === undefined) throw new Error('there is one');
    const { eventType: _seal, ...rest } = sealedEvent({
      eventId: 'taken-back',
      snapshot: { watermark: new Date(Date.UTC(2026, 2, 10, 1)).toISOString() },
    });
    const retraction = { ...rest, eventType: 'OutputPortSnapshotRetracted', reason: 'counted twice' };
    const body = Buffer.from(JSON.stringify(retraction));

    await world.ingest([seal, { body, properties: {}, origin: origin(2) }]);

    expect(world.topic.sent).toEqual([]);
    const entries = await world.ledger.listByConsumer({ stage: 'prod', consumer: 'dp.finance.revenue', limit: 5 });
    const ofSeal = entries.find(({ trigger }) => trigger.inputs[0]?.eventId === 'e-1');
    expect(ofSeal?.state).toBe('withdrawn');
  });

  it('sends the messages of a stage that failed through its queue for ten seconds', async () => {
    const world = await openRunning();
    world.failing.add('ledger.record');
    await world.ingest(batchOf(1));
    world.failing.clear();

    world.advance(9_999);
    await world.ingest(batchOf(2));
    expect(world.waiting()).toEqual(['evaluate', 'evaluate']);

    world.advance(1);
    await world.ingest(batchOf(3));
    expect(world.waiting()).toEqual(['evaluate', 'evaluate']);
    expect(world.topic.sent).toHaveLength(1);
  });

  it('does the same with a stage that was slow, though nothing failed', async () => {
    const world = await openRunning();
    world.interfere((call, effect) => {
      if (call === 'ledger.markSent') world.advance(15_001);
      return effect();
    });
    await world.ingest(batchOf(1));
    world.interfere((_, effect) => effect());

    await world.ingest(batchOf(2));

    expect(world.topic.sent).toHaveLength(1);
    expect(world.waiting()).toEqual(['normalize']);
  });

  it('is not kept from it for longer by a clock that was set back', async () => {
    const world = await openRunning();
    world.failing.add('signals.insert');
    await world.ingest(batchOf(1));
    world.failing.clear();
    world.advance(-3_600_000);

    await world.ingest(batchOf(2));

    expect(world.waiting()).toEqual(['normalize']);
    expect(world.topic.sent).toHaveLength(1);
  });

  it.each([
    ['the first batch of a process', []],
    ['a batch that follows none this process finished', [5]],
    ['a batch that is read again', [1]],
  ])('queues %s: should it end the process, only the queue would notice', async (_, before) => {
    const world = await openMemoryWorld(registryDocument(), 'direct');
    for (const place of before) await world.ingest(batchOf(place));
    world.queues.waiting.splice(0);

    await world.ingest(batchOf(1));

    expect(world.queues.waiting.map(({ message }) => message.kind)).toEqual(['normalize']);
    expect(world.topic.sent).toEqual([]);
  });

  it('holds the checkpoint back when neither the stage nor its queue takes a message, and goes on directly after', async () => {
    const world = await openRunning();
    world.failing.add('signals.insert').add('queues.toNormalize');

    await expect(world.ingest(batchOf(1))).rejects.toThrow('queues.toNormalize is away');

    world.failing.clear();
    world.advance(10_000);
    await world.ingest(batchOf(1));
    expect(world.topic.sent).toHaveLength(1);
  });
});
