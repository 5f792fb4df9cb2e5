import { describe, expect, it } from 'vitest';
import { createControlSource } from '../../../shared/pipeline/operators/control-source.js';
import { queryTriggers } from '../../../shared/pipeline/operators/query-ledger.js';
import { resubmitQuarantined } from '../../../shared/pipeline/operators/settle-quarantine.js';
import { registryDocument, sealedEvent } from '../../fixtures/events.js';
import { openOperatorWorld } from '../../support/operator-world.js';

describe('a trigger that the topic refuses for good', () => {
  it('is listed as refused and left alone by the sweep, until an operator sends it again', async () => {
    const world = await openOperatorWorld(registryDocument());
    const { topic } = world;
    const accept = topic.send.bind(topic);
    topic.send = (triggers) =>
      Promise.resolve(triggers.map(() => ({ kind: 'refused' as const, reason: 'larger than the topic takes' })));
    const listRefused = async (): Promise<number> => {
      const listed = await queryTriggers({ state: 'refused', limit: 10, scan: false }, world.deps);
      return listed.ok ? listed.value.items.length : -1;
    };
    const resubmit = async (): Promise<void> => {
      const open = await world.deps.quarantineDesk.list({ state: 'open' }, { limit: 5 });
      expect(open.items).toHaveLength(1);
      const context = { actor: 'ada', reason: 'the limit was raised' };
      expect(await resubmitQuarantined(open.items[0]?.id ?? '', context, world.deps)).toMatchObject({ ok: true });
    };

    await world.publish(sealedEvent());
    expect(await listRefused()).toBe(1);
    world.advance(600_000);
    expect(await world.sweep()).toMatchObject({ handedOn: 0, waiting: 0 });

    await resubmit();
    await world.drain();
    expect(await listRefused()).toBe(1);
    topic.send = accept;
    await resubmit();
    await world.drain();
    expect(await listRefused()).toBe(0);
    expect(topic.sent).toHaveLength(1);
  });
});

describe('the controls a host holds', () => {
  it('are read again after its clock was set back', async () => {
    let [nowMs, reads] = [1_000_000, 0];
    const store = { read: () => Promise.resolve({ pauses: [], etag: String(++reads) }) };
    const source = createControlSource(store, { nowMs: () => nowMs }, 1_000);
    await source.current();

    nowMs -= 500_000;
    await source.current();

    expect(reads).toBe(2);
  });
});
