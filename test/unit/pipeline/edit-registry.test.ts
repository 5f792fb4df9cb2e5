import { describe, expect, it } from 'vitest';
import { createMemoryAuditLog } from '../../../shared/adapters/memory/audit-log.js';
import { createMemoryRegistryStore } from '../../../shared/adapters/memory/registry-store.js';
import { applyRegistry } from '../../../shared/pipeline/apply-registry.js';
import { createSubscriptionEditor } from '../../../shared/pipeline/registry/edit-subscriptions.js';
import { readRegistry } from '../../../shared/pipeline/registry/in-force.js';
import type { ApplyDeps } from '../../../shared/pipeline/registry/publish-registry.js';
import { replaceRegistry } from '../../../shared/pipeline/registry/replace-registry.js';
import { registryDocument, subscription } from '../../fixtures/events.js';
import { standardContract, standardProduct } from '../../fixtures/standards.js';

const ada = { actor: 'ada', reason: 'because' };

function createDeps(): ApplyDeps {
  const consumers = new Set<string>();
  return {
    registryStore: createMemoryRegistryStore(),
    auditLog: createMemoryAuditLog(),
    clock: { nowMs: () => Date.UTC(2026, 2, 11) },
    channels: {
      list: () => Promise.resolve([...consumers]),
      waiting: () => Promise.resolve(0),
      ensure(consumer) {
        const created = !consumers.has(consumer);
        consumers.add(consumer);
        return Promise.resolve(created ? 'created' : 'unchanged');
      },
      remove: (consumer) => Promise.resolve(void consumers.delete(consumer)),
    },
  };
}

async function setUp(document = registryDocument()) {
  const deps = createDeps();
  await applyRegistry(document, ada, deps);
  const inForce = async () => (await readRegistry(deps.registryStore))!;
  return { deps, editor: createSubscriptionEditor(deps), inForce };
}

const revenue = {
  kind: 'OutputPort' as const,
  key: 'op.finance.revenue.daily',
  dataProduct: 'dp.finance.revenue',
  contracts: [{ version: '1.0.0', schemaHash: 'sha256:00000000' }],
};

describe('changing one subscription', () => {
  const more = subscription({ key: 'sub.finance.revenue.more', versions: '^3' });

  it('creates, replaces, and leaves alone what is like that already, each change a version with its audit record', async () => {
    const { deps, editor, inForce } = await setUp();
    expect(await editor.put(more.key, more, ada)).toMatchObject({ kind: 'created' });
    expect(await editor.put(more.key, { ...more, versions: '>=2' }, ada)).toMatchObject({ kind: 'replaced' });
    expect(await editor.put(more.key, { ...more, versions: '>=2' }, ada)).toMatchObject({ kind: 'unchanged' });
    const { pointer, document } = await inForce();
    expect(pointer.version).toMatch(/^000003-/);
    expect(document.subscriptions.map(({ key, versions }) => `${key} ${versions}`)).toEqual([
      'sub.finance.revenue.more >=2',
      'sub.finance.revenue.orders ^2.1',
    ]);
    expect((await deps.auditLog.list({ limit: 1, target: pointer.version })).items).toMatchObject([
      {
        actor: 'ada',
        reason: 'because',
        action: 'registry-put-subscription',
        details: { changed: { keys: [more.key] } },
      },
    ]);
  });

  it('removes one, and the channel of a consumer that has no other', async () => {
    const { editor, inForce } = await setUp();
    const key = 'sub.finance.revenue.orders';
    expect(await editor.remove(key, ada)).toMatchObject({
      kind: 'removed',
      channels: { removed: ['dp.finance.revenue'] },
    });
    expect(await editor.remove(key, ada)).toEqual({ kind: 'absent' });
    expect((await inForce()).document.subscriptions).toEqual([]);
  });

  it('refuses what would make data run in a circle, and still knows better after a removal', async () => {
    const { editor } = await setUp({ ...registryDocument(), ports: [...registryDocument().ports, revenue] });
    const back = subscription({
      key: 'sub.sales.orders.revenue',
      consumer: 'dp.sales.orders',
      port: revenue.key,
      versions: '^1',
    });
    const refused = await editor.put(back.key, back, ada);
    expect(refused).toMatchObject({ kind: 'refused', problems: [{ code: 'cycle', fix: `leave out ${back.key}` }] });
    await editor.remove('sub.finance.revenue.orders', ada);
    expect(await editor.put(back.key, back, ada)).toMatchObject({ kind: 'created' });
    const own = subscription();
    expect(await editor.put(own.key, own, ada)).toMatchObject({ kind: 'refused', problems: [{ code: 'cycle' }] });
  });

  it('refuses bad references, broken policies and bodies that are no subscription', async () => {
    const policy = {
      kind: 'Policy' as const,
      key: 'pol.platform.stages',
      owner: 'team-platform',
      reason: 'no tests on live ports',
      rule: 'stages' as const,
      allowed: ['prod'],
      consumers: '**',
      ports: '**',
    };
    const { editor, inForce } = await setUp({ ...registryDocument(), policies: [policy] });
    const before = await inForce();
    const codes = async (value: unknown, key = more.key): Promise<unknown> => {
      const outcome = await editor.put(key, value, ada);
      return outcome.kind === 'refused' ? outcome.problems.map(({ code }) => code) : outcome.kind;
    };
    expect(await codes({ ...more, versions: 'two' })).toEqual(['invalid-range']);
    expect(await codes({ ...more, stage: 'dev' })).toEqual(['policy-stages']);
    expect(await codes({ ...more, key: 'sub.hr.pay.x', consumer: 'dp.hr.pay' }, 'sub.hr.pay.x')).toEqual([
      'unknown-data-product',
    ]);
    expect(await codes(more, 'sub.finance.revenue.other')).toEqual(['other-key']);
    expect(await codes({ ...more, activeFrom: 'now' })).toEqual(['invalid-entry']);
    expect(await codes(JSON.parse(`{"__proto__": ${JSON.stringify(more)}}`))).toEqual(['unreadable-entry']);
    expect(await inForce()).toEqual(before);
  });

  it('accepts a port nobody has declared, with a warning', async () => {
    const { editor } = await setUp();
    const outcome = await editor.put(more.key, { ...more, port: 'op.sales.leads.daily' }, ada);
    expect(outcome).toMatchObject({ kind: 'created', problems: [{ severity: 'warning', code: 'unresolved-port' }] });
  });

  it('keeps to the version it was made for', async () => {
    const { editor, inForce } = await setUp();
    const { version } = (await inForce()).pointer;
    expect(await editor.put(more.key, more, { ...ada, expected: version })).toMatchObject({ kind: 'created' });
    expect(await editor.remove(more.key, { ...ada, expected: version })).toMatchObject({ kind: 'overtaken' });
  });

  it('starts again when somebody else was faster, and loses nothing of theirs', async () => {
    const { deps, editor, inForce } = await setUp();
    const other = createSubscriptionEditor(deps);
    const publish = deps.registryStore.publish.bind(deps.registryStore);
    const theirs = subscription({ key: 'sub.finance.revenue.theirs' });
    let raced = false;
    deps.registryStore.publish = async (request) => {
      if (!raced) {
        raced = true;
        await other.put(theirs.key, theirs, { actor: 'eve' });
      }
      return publish(request);
    };
    expect(await editor.put(more.key, more, ada)).toMatchObject({ kind: 'created' });
    const keys = (await inForce()).document.subscriptions.map(({ key }) => key);
    expect(keys).toEqual([more.key, 'sub.finance.revenue.orders', theirs.key]);
  });

  it('needs a registry in force', async () => {
    const editor = createSubscriptionEditor(createDeps());
    expect(await editor.put(more.key, more, ada)).toEqual({ kind: 'no-registry' });
  });
});

describe('replacing the whole registry', () => {
  it('takes what reading gives, standard documents included, and finds nothing to do', async () => {
    const given = {
      ...registryDocument(),
      standards: [standardContract(), standardContract({ version: '1.1.0' }), standardProduct()],
    };
    const deps = createDeps();
    const applied = await replaceRegistry(given, ada, deps);
    expect(applied).toMatchObject({ kind: 'applied' });
    const { document, pointer } = (await readRegistry(deps.registryStore))!;
    const again = await replaceRegistry(
      JSON.parse(JSON.stringify(document)),
      { ...ada, expected: pointer.version },
      deps,
    );
    expect(again).toMatchObject({ kind: 'already-in-force', version: pointer.version });
  });

  it('names the entry that is wrong, and changes nothing', async () => {
    const { deps, inForce } = await setUp();
    const before = await inForce();
    const cases: [unknown, string][] = [
      [[], 'invalid-document'],
      [{ product: [] }, 'invalid-document'],
      [{ products: {} }, 'invalid-document'],
      [{ products: [{ kind: 'DataProduct' }] }, 'invalid-entry'],
      [{ subscriptions: [subscription({ versions: 'x' })] }, 'unknown-data-product'],
    ];
    for (const [value, code] of cases) {
      const outcome = await replaceRegistry(value, ada, deps);
      expect(outcome.kind === 'refused' && outcome.problems[0]?.code).toBe(code);
    }
    expect(await inForce()).toEqual(before);
  });

  it('is refused when made for another version', async () => {
    const { deps } = await setUp();
    const stale = { ...ada, expected: '000009-000000000000' };
    expect(await replaceRegistry(registryDocument([]), stale, deps)).toMatchObject({ kind: 'overtaken' });
  });
});
