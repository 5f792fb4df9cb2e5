import { describe, expect, it } from 'vitest';
import { createMemoryRegistryStore } from '../../../shared/adapters/memory/registry-store.js';
import { createRegistrySource } from '../../../shared/pipeline/registry-source.js';
import { RetryableError } from '../../../shared/ports/errors.js';
import { origin, registryDocument, sealedEvent, signal, subscription } from '../../fixtures/events.js';
import { openMemoryWorld } from '../../support/memory-world.js';

const hour = 3_600_000;
const event = { body: Buffer.from(JSON.stringify(sealedEvent())), properties: {}, origin: origin() };

/** A signal that was stored, and whose hand-over to evaluate then failed; the message waits for its next attempt. */
async function storeOnly(world: Awaited<ReturnType<typeof openMemoryWorld>>): Promise<unknown> {
  await world.ingest([event]);
  const [waiting] = world.queues.waiting.splice(0);
  world.interfere((call, effect) =>
    call === 'queues.toEvaluate' ? Promise.reject(new RetryableError('gone')) : effect(),
  );
  await world.runs.normalize([waiting?.message]);
  world.interfere((_, effect) => effect());
  return world.queues.waiting.splice(0)[0]?.message;
}

describe('a retry', () => {
  it('keeps a signal that an earlier attempt stored, although the registry would now refuse it', async () => {
    const world = await openMemoryWorld(registryDocument());
    const again = await storeOnly(world);
    const pointer = await world.registryStore.pointer();
    const document = { ...registryDocument(), ports: [] };
    const applied = { appliedAt: '', appliedBy: '', expected: pointer };
    await world.registryStore.publish({ version: '000002-b', document, ...applied });
    world.advance(2 * hour);

    await world.runs.normalize([again]);

    expect(await world.quarantine.list({ limit: 10 })).toEqual([]);
    expect(world.queues.waiting.map(({ message }) => message.kind)).toEqual(['evaluate']);
  });

  it('decides on the signal as it was stored, however late the hub is read again', async () => {
    const hoursOld = subscription({ freshness: { maxAgeMinutes: 24 * 60 } });
    const world = await openMemoryWorld(registryDocument([hoursOld]));
    await storeOnly(world);
    world.advance(400 * 24 * hour);

    await world.ingest([event]);
    await world.drain();

    const [verdict] = await world.ledger.listVerdicts({ stages: ['prod'], signalId: signal().signalId });
    expect(verdict).toMatchObject({ outcome: 'matched' });
    expect(world.topic.sent.map(({ inputs }) => inputs[0]?.receivedAt)).toEqual(['2026-03-11T02:00:00.000Z']);
  });
});

describe('the registry source', () => {
  it('looks again when the clock was set back, instead of waiting for the time to come round', async () => {
    const store = createMemoryRegistryStore();
    const document = registryDocument();
    const applied = { document, appliedAt: '', appliedBy: '' };
    await store.publish({ version: '000001-a', ...applied, expected: undefined });
    let nowMs = 10 * hour;
    const source = createRegistrySource(store, { nowMs: () => nowMs }, 1_000);
    await source.current();
    await store.publish({ version: '000002-b', ...applied, expected: await store.pointer() });

    nowMs -= 5 * hour;

    expect((await source.current())?.version).toBe('000002-b');
  });
});
