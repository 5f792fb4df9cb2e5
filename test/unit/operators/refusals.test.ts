import { describe, expect, it } from 'vitest';
import { resubmitQuarantined } from '../../../shared/pipeline/operators/settle-quarantine.js';
import type { SendOutcome } from '../../../shared/ports/trigger-topic.js';
import { registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openOperatorWorld } from '../../support/operator-world.js';

type World = Awaited<ReturnType<typeof openOperatorWorld>>;

const ada = { actor: 'ada', reason: 'the limit was raised' };

/** A world whose topic refuses what it is sent until it is told to take it. */
async function openWithRefusal(): Promise<{ world: World; takeAll: () => void }> {
  const world = await openOperatorWorld(registryDocument([subscription()]));
  let takes = false;
  const send = world.topic.send.bind(world.topic);
  world.topic.send = (triggers) =>
    takes
      ? send(triggers)
      : Promise.resolve(triggers.map((): SendOutcome => ({ kind: 'refused', reason: 'larger than the topic takes' })));
  await world.publish(sealedEvent());
  return { world, takeAll: () => (takes = true) };
}

async function listOpen({ deps }: World): Promise<string[]> {
  const { items } = await deps.quarantineDesk.list({ reason: 'trigger-refused', state: 'open' }, { limit: 10 });
  return items.map(({ id }) => id);
}

async function stateOf({ deps }: World, id: string): Promise<string | undefined> {
  const item = await deps.quarantineDesk.get(id);
  return (await deps.ledger.get(item?.origin.partition ?? ''))?.state;
}

describe('a trigger that the topic refuses', () => {
  it('has one open record, whatever the sweep makes of it', async () => {
    const { world } = await openWithRefusal();
    const [id = '', ...others] = await listOpen(world);

    world.advance(3_600_000);
    await world.sweep();
    await world.drain();

    expect(others).toEqual([]);
    expect(await listOpen(world)).toEqual([id]);
    expect(await stateOf(world, id)).toBe('refused');
  });

  it('has a record of its own when it is tried again and refused once more', async () => {
    const { world } = await openWithRefusal();
    const [first = ''] = await listOpen(world);
    world.advance(1_000);

    await resubmitQuarantined(first, ada, world.deps);
    await world.drain();

    const [second = '', ...others] = await listOpen(world);
    expect(others).toEqual([]);
    expect(second).not.toBe(first);
    expect(await stateOf(world, second)).toBe('refused');
  });

  it('is sent when it is tried again and taken', async () => {
    const { world, takeAll } = await openWithRefusal();
    const [first = ''] = await listOpen(world);
    takeAll();

    await resubmitQuarantined(first, ada, world.deps);
    await world.drain();

    expect(await listOpen(world)).toEqual([]);
    expect(world.topic.sent).toHaveLength(1);
    expect(await stateOf(world, first)).toBe('sent');
  });
});
