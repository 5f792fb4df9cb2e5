import { describe, expect, it } from 'vitest';
import type { SubscriptionEntry } from '../../../shared/contracts/registry.js';
import { advanceReplay } from '../../../shared/pipeline/operators/advance-replay.js';
import { explain } from '../../../shared/pipeline/operators/explain.js';
import { startReplay } from '../../../shared/pipeline/operators/replays.js';
import { registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openOperatorWorld } from '../../support/operator-world.js';

/** The world after a consumer that ran for a replay has sealed, naming the cause it was given. */
async function openAfterReplayedSeal(more: Partial<SubscriptionEntry>) {
  const world = await openOperatorWorld(registryDocument([subscription(more)]));
  await world.publish({ ...sealedEvent(), cause: 'replay' });
  return world;
}

describe('a seal that a replay caused', () => {
  it('fires nothing further down, and says why', async () => {
    const world = await openAfterReplayedSeal({});

    const explained = await explain({ id: 'orders-2026-03-10' }, world.deps);

    expect(world.topic.sent).toEqual([]);
    expect(JSON.stringify(explained)).toContain('cause-not-accepted');
    expect(JSON.stringify(explained)).toContain('causes takes replay');
  });

  it('fires for a subscription that asks for it, and keeps its cause', async () => {
    const world = await openAfterReplayedSeal({ causes: ['live', 'replay'] });

    expect(world.topic.sent).toMatchObject([{ cause: 'replay' }]);
  });

  it('can be replayed no further than its cause allows', async () => {
    const world = await openAfterReplayedSeal({});
    const selection = { kind: 'signal' as const, eventId: 'orders-2026-03-10' };
    const request = { name: 'again', selection, reason: 'x', ratePerSecond: 10, dryRun: false };
    await startReplay(request, { actor: 'ada', force: false }, world.deps);

    await advanceReplay('again', { isOver: () => false }, world.deps);
    await world.drain();

    expect(world.topic.sent).toEqual([]);
  });
});
