import { describe, expect, it } from 'vitest';
import { createMemoryRegistryStore } from '../../../shared/adapters/memory/registry-store.js';
import { createMemoryAuditLog } from '../../../shared/adapters/memory/audit-log.js';
import { applyRegistry } from '../../../shared/pipeline/apply-registry.js';
import { previewRegistry } from '../../../shared/pipeline/registry/preview-registry.js';
import type { ApplyDeps } from '../../../shared/pipeline/registry/publish-registry.js';
import type { ConsumerChannels } from '../../../shared/ports/consumer-channels.js';
import { registryDocument, subscription } from '../../fixtures/events.js';

function createChannels(existing: string[] = []) {
  const consumers = new Set(existing);
  const messages = new Map<string, number>();
  const log: string[] = [];
  return {
    log,
    messages,
    waiting: (consumer: string) => Promise.resolve(messages.get(consumer) ?? 0),
    list: () => Promise.resolve([...consumers]),
    ensure(consumer: string): Promise<'created' | 'unchanged'> {
      if (consumers.has(consumer)) return Promise.resolve('unchanged');
      consumers.add(consumer);
      log.push(`ensure ${consumer}`);
      return Promise.resolve('created');
    },
    remove(consumer: string) {
      consumers.delete(consumer);
      log.push(`remove ${consumer}`);
      return Promise.resolve();
    },
  } satisfies ConsumerChannels & { log: string[]; messages: Map<string, number> };
}

function setUp(existing?: string[]) {
  const channels = createChannels(existing);
  const registryStore = createMemoryRegistryStore();
  const clock = { nowMs: () => Date.UTC(2026, 2, 11) };
  const auditLog = createMemoryAuditLog();
  return { channels, registryStore, clock, auditLog } satisfies ApplyDeps;
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
    const outcome = await applyRegistry(registryDocument(), { actor: 'ada' }, deps);
    expect(outcome).toMatchObject({ kind: 'applied', channels: { created: ['dp.finance.revenue'], removed: [] } });
    expect(deps.channels.log).toEqual(['ensure dp.finance.revenue', 'publish']);
    const pointer = await registryStore.pointer();
    expect(pointer).toMatchObject({ appliedBy: 'ada', appliedAt: '2026-03-11T00:00:00.000Z' });
    expect(pointer?.version).toMatch(/^000001-/);
  });

  it('gives channels back that another apply came to need while they were being removed', async () => {
    const deps = setUp();
    const withRevenue = registryDocument();
    const withNobody = { ...withRevenue, subscriptions: [] };
    await applyRegistry(withRevenue, { actor: 'ada' }, deps);
    const remove = deps.channels.remove.bind(deps.channels);
    let overlapping: Promise<unknown> | undefined;
    const channels: ConsumerChannels = {
      ...deps.channels,
      async remove(consumer) {
        overlapping ??= applyRegistry(withRevenue, { actor: 'bob' }, deps);
        await overlapping;
        await remove(consumer);
      },
    };

    await applyRegistry(withNobody, { actor: 'ada' }, { ...deps, channels });

    expect((await deps.registryStore.pointer())?.appliedBy).toBe('bob');
    expect(await deps.channels.list()).toEqual(['dp.finance.revenue']);
  });

  it('does nothing for content that is in force, but mends a channel that is gone', async () => {
    const deps = setUp();
    await applyRegistry(registryDocument(), { actor: 'ada' }, deps);
    const pointer = await deps.registryStore.pointer();
    await deps.channels.remove('dp.finance.revenue');
    const outcome = await applyRegistry(registryDocument(), { actor: 'bob' }, deps);
    expect(outcome).toMatchObject({ kind: 'already-in-force', channels: { created: ['dp.finance.revenue'] } });
    expect(await deps.registryStore.pointer()).toEqual(pointer);
  });

  it('counts versions up and removes channels nobody needs, but none that it does not know', async () => {
    const deps = setUp(['dp.old.consumer', 'a subscription of somebody else']);
    await applyRegistry(registryDocument(), { actor: 'ada' }, deps);
    const outcome = await applyRegistry(registryDocument([]), { actor: 'ada' }, deps);
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
        await applyRegistry(theirs, { actor: 'eve' }, deps);
      }
      return ensure(consumer);
    };
    const outcome = await applyRegistry(registryDocument(), { actor: 'ada' }, deps);
    expect(outcome).toMatchObject({ kind: 'overtaken', by: { appliedBy: 'eve' } });
    const pointer = await deps.registryStore.pointer();
    expect(await deps.registryStore.load(pointer?.version ?? '')).toEqual(theirs);
  });

  it('refuses a registry with errors before anything is written', async () => {
    const deps = setUp();
    const outcome = await applyRegistry(registryDocument([subscription({ versions: 'two' })]), { actor: 'ada' }, deps);
    expect(outcome).toMatchObject({ kind: 'refused', problems: [{ code: 'invalid-range' }] });
    expect(await deps.registryStore.pointer()).toBeUndefined();
    expect(deps.channels.log).toEqual([]);
  });

  it('writes down who applied what and why, once, also when the first attempt died before that', async () => {
    const deps = setUp();
    const append = deps.auditLog.append.bind(deps.auditLog);
    deps.auditLog.append = () => Promise.reject(new Error('killed'));
    await expect(applyRegistry(registryDocument(), { actor: 'ada', reason: 'first' }, deps)).rejects.toThrow('killed');
    deps.auditLog.append = append;
    await applyRegistry(registryDocument(), { actor: 'bob' }, deps);
    await applyRegistry(registryDocument(), { actor: 'bob' }, deps);
    const later = { ...deps, clock: { nowMs: () => Date.UTC(2026, 2, 12) } };
    await applyRegistry(registryDocument([]), { actor: 'ada', reason: 'nobody reads it' }, later);
    const version = (await deps.registryStore.pointer())?.version;
    expect((await deps.auditLog.list({ limit: 10 })).items).toMatchObject([
      { actor: 'ada', action: 'registry-apply', target: version, reason: 'nobody reads it' },
      { actor: 'ada', action: 'registry-apply' },
    ]);
    const [latest] = (await deps.auditLog.list({ limit: 1, target: version ?? '' })).items;
    expect(latest?.details).toMatchObject({ removed: { count: 1, keys: ['sub.finance.revenue.orders'] } });
    expect(await deps.registryStore.versions({ limit: 10 })).toMatchObject([{ version }, { reason: 'first' }]);
  });

  it('asks before it removes a channel that still holds messages, and does nothing until then', async () => {
    const deps = setUp();
    await applyRegistry(registryDocument(), { actor: 'ada' }, deps);
    deps.channels.messages.set('dp.finance.revenue', 3);
    const before = await deps.registryStore.pointer();
    expect(await applyRegistry(registryDocument([]), { actor: 'ada' }, deps)).toEqual({
      kind: 'confirmation-needed',
      channels: [{ consumer: 'dp.finance.revenue', waiting: 3 }],
    });
    expect(await deps.registryStore.pointer()).toEqual(before);
    const confirmed = await applyRegistry(registryDocument([]), { actor: 'ada', mayLoseMessages: true }, deps);
    expect(confirmed).toMatchObject({ kind: 'applied', channels: { removed: ['dp.finance.revenue'], kept: [] } });
  });

  it('keeps a channel in which a message arrives while it applies', async () => {
    const deps = setUp();
    await applyRegistry(registryDocument(), { actor: 'ada' }, deps);
    const publish = deps.registryStore.publish.bind(deps.registryStore);
    deps.registryStore.publish = (request) => {
      deps.channels.messages.set('dp.finance.revenue', 1);
      return publish(request);
    };
    const outcome = await applyRegistry(registryDocument([]), { actor: 'ada' }, deps);
    expect(outcome).toMatchObject({
      kind: 'applied',
      channels: { removed: [], kept: [{ consumer: 'dp.finance.revenue', waiting: 1 }] },
    });
  });

  it('refuses a change made for another version than the one in force', async () => {
    const deps = setUp();
    await applyRegistry(registryDocument(), { actor: 'ada' }, deps);
    const stale = { actor: 'bob', expected: '000000-000000000000' };
    expect(await applyRegistry(registryDocument([]), stale, deps)).toMatchObject({ kind: 'overtaken' });
  });
});

describe('previewing an apply', () => {
  it('names what would start and stop, ports that resolve, and channels, and does nothing', async () => {
    const deps = setUp();
    const waits = subscription({ key: 'sub.finance.revenue.leads', port: 'op.sales.orders.leads' });
    await applyRegistry(registryDocument([waits, subscription()]), { actor: 'ada' }, deps);
    deps.channels.log.length = 0;
    const [orders] = registryDocument().ports;
    const after = registryDocument([
      waits,
      subscription({ key: 'sub.sales.orders.new', consumer: 'dp.sales.orders', port: 'op.x.y.z' }),
    ]);
    const leads = { ...orders!, key: 'op.sales.orders.leads' };
    const rewritten = {
      ...orders!,
      contracts: orders!.contracts.map((each) => ({ ...each, schemaHash: 'sha256:00000000' })),
    };
    const preview = await previewRegistry({ ...after, ports: [rewritten, leads] }, deps);
    expect(preview.plan.removed.map(({ key }) => key)).toEqual(['sub.finance.revenue.orders']);
    expect(preview.effects.starts.map((each) => each.subscription)).toEqual(['sub.finance.revenue.leads']);
    expect(preview.effects.stops.map((each) => each.subscription)).toEqual(['sub.finance.revenue.orders']);
    expect(preview.effects.resolved).toEqual([
      { port: 'op.sales.orders.leads', subscriptions: ['sub.finance.revenue.leads'] },
    ]);
    expect(preview.effects.unresolved).toEqual([{ port: 'op.x.y.z', subscriptions: ['sub.sales.orders.new'] }]);
    expect(preview.effects.rewritten.map(({ version }) => version)).toEqual(['2.1.0', '3.0.0']);
    expect(preview.channels).toEqual({ create: ['dp.sales.orders'], remove: [] });
    expect(deps.channels.log).toEqual([]);
  });
});
