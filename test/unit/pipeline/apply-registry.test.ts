import { describe, expect, it } from 'vitest';
import { createMemoryRegistryStore } from '../../../shared/adapters/memory/registry-store.js';
import { applyRegistry, type ApplyDeps } from '../../../shared/pipeline/apply-registry.js';
import type { ConsumerChannels } from '../../../shared/ports/consumer-channels.js';
import { registryDocument, subscription } from '../../fixtures/events.js';

function createChannels(existing: string[] = []): ConsumerChannels & { log: string[] } {
  const consumers = new Set(existing);
  const log: string[] = [];
  return {
    log,
    list: () => Promise.resolve([...consumers]),
    ensure(consumer) {
      if (consumers.has(consumer)) return Promise.resolve('unchanged');
      consumers.add(consumer);
      log.push(`ensure ${consumer}`);
      return Promise.resolve('created');
    },
    remove(consumer) {
      consumers.delete(consumer);
      log.push(`remove ${consumer}`);
      return Promise.resolve();
    },
  };
}

function setUp(existing?: string[]) {
  const channels = createChannels(existing);
  const registryStore = createMemoryRegistryStore();
  const clock = { nowMs: () => Date.UTC(2026, 2, 11) };
  return { channels, registryStore, clock } satisfies ApplyDeps;
}

describe('applying a registry', () => {
  it('publishes version 1 and creates the consumers’ channels before it is in force', async () => {
    const deps = setUp();
    const { registryStore } = deps;
    const publish = registryStore.publish.bind(registryStore);
    registryStore.publish = (request) => {
      deps.channels.log.push('publish');
      return publish(request);
    };
    const outcome = await applyRegistry(registryDocument(), 'ada', deps);
    expect(outcome).toMatchObject({ kind: 'applied', channels: { created: ['dp.finance.revenue'], removed: [] } });
    expect(deps.channels.log).toEqual(['ensure dp.finance.revenue', 'publish']);
    const pointer = await registryStore.pointer();
    expect(pointer).toMatchObject({ appliedBy: 'ada', appliedAt: '2026-03-11T00:00:00.000Z' });
    expect(pointer?.version).toMatch(/^000001-/);
  });

  it('does nothing for content that is in force, but mends a channel that is gone', async () => {
    const deps = setUp();
    await applyRegistry(registryDocument(), 'ada', deps);
    const pointer = await deps.registryStore.pointer();
    await deps.channels.remove('dp.finance.revenue');
    const outcome = await applyRegistry(registryDocument(), 'bob', deps);
    expect(outcome).toMatchObject({ kind: 'already-in-force', channels: { created: ['dp.finance.revenue'] } });
    expect(await deps.registryStore.pointer()).toEqual(pointer);
  });

  it('counts versions up and removes channels nobody needs, but none that it does not know', async () => {
    const deps = setUp(['dp.old.consumer', 'a subscription of somebody else']);
    await applyRegistry(registryDocument(), 'ada', deps);
    const outcome = await applyRegistry(registryDocument([]), 'ada', deps);
    expect(outcome).toMatchObject({ kind: 'applied', channels: { removed: ['dp.finance.revenue'] } });
    expect(await deps.channels.list()).toEqual(['a subscription of somebody else']);
    expect((await deps.registryStore.pointer())?.version).toMatch(/^000002-/);
  });

  it('refuses when somebody else applied in between, and leaves their version in force', async () => {
    const deps = setUp();
    const ensure = deps.channels.ensure.bind(deps.channels);
    const theirs = registryDocument([subscription({ versions: '^3' })]);
    let raced = false;
    deps.channels.ensure = async (consumer) => {
      if (!raced) {
        raced = true;
        await applyRegistry(theirs, 'eve', deps);
      }
      return ensure(consumer);
    };
    const outcome = await applyRegistry(registryDocument(), 'ada', deps);
    expect(outcome).toMatchObject({ kind: 'overtaken', by: { appliedBy: 'eve' } });
    const pointer = await deps.registryStore.pointer();
    expect(await deps.registryStore.load(pointer?.version ?? '')).toEqual(theirs);
  });

  it('refuses a registry with errors before anything is written', async () => {
    const deps = setUp();
    const outcome = await applyRegistry(registryDocument([subscription({ versions: 'two' })]), 'ada', deps);
    expect(outcome).toMatchObject({ kind: 'refused', problems: [{ code: 'invalid-range' }] });
    expect(await deps.registryStore.pointer()).toBeUndefined();
    expect(deps.channels.log).toEqual([]);
  });
});
