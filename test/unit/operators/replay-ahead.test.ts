import { describe, expect, it } from 'vitest';
import { advanceReplay } from '../../../shared/pipeline/operators/advance-replay.js';
import { startReplay } from '../../../shared/pipeline/operators/replays.js';
import { RetryableError } from '../../../shared/ports/errors.js';
import { registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openOperatorWorld } from '../../support/operator-world.js';

type World = Awaited<ReturnType<typeof openOperatorWorld>>;
type Deps = World['deps'];

/** Six snapshots that a subscription missed, to be replayed in parts of two. */
async function openWithReplay(): Promise<World> {
  const world = await openOperatorWorld(registryDocument([]));
  for (let day = 1; day <= 6; day += 1) {
    await world.publish(sealedEvent({ eventId: `e${day}`, snapshot: { watermark: `2026-03-0${day}T00:00:00Z` } }));
  }
  await world.apply(registryDocument([subscription()]));
  const selection = { kind: 'port' as const, port: 'op.sales.orders.daily', stage: 'prod' };
  const request = { name: 'again', selection, reason: '', ratePerSecond: 2, dryRun: false };
  await startReplay(request, { actor: 'ada', force: false }, world.deps);
  return world;
}

/** The world's dependencies, which note when a part is read and when one is recorded. */
function watch({ deps }: World, { onRead = (): void => undefined } = {}): { deps: Deps; steps: string[] } {
  const steps: string[] = [];
  const signalQueries: Deps['signalQueries'] = {
    ...deps.signalQueries,
    listByWatermark: (query, page) => {
      steps.push(page.after === undefined ? 'read from the start' : 'read on');
      onRead();
      return deps.signalQueries.listByWatermark(query, page);
    },
  };
  const ledger: Deps['ledger'] = {
    ...deps.ledger,
    record: async (decisions) => {
      const outcomes = await deps.ledger.record(decisions);
      steps.push('recorded');
      return outcomes;
    },
  };
  return { deps: { ...deps, signalQueries, ledger }, steps };
}

const run = (deps: Deps) => advanceReplay('again', { isOver: () => false }, deps);
const done = { state: 'done', counts: { done: 6, fired: 6 } };

describe('a replay reads ahead', () => {
  it('each part once, while the part before it is recorded', async () => {
    const { deps, steps } = watch(await openWithReplay());

    expect(await run(deps)).toMatchObject(done);

    expect(steps.slice(0, 5)).toEqual(['read from the start', 'read on', 'recorded', 'read on', 'recorded']);
    expect(steps.filter((step) => step === 'read on')).toHaveLength(3); // the last finds nothing behind the sixth
  });

  it('and reads again what it read under another registry', async () => {
    const world = await openWithReplay();
    const { deps, steps } = watch(world);
    let waits = 0;
    const wait = async (ms: number): Promise<void> => {
      waits += 1;
      if (waits === 1) await world.apply(registryDocument([subscription()]));
      await world.deps.wait(ms);
    };

    expect(await run({ ...deps, wait })).toMatchObject(done);

    expect(steps.filter((step) => step === 'read on')).toHaveLength(4);
  });

  it('and reads again what could not be read', async () => {
    let reads = 0;
    const { deps } = watch(await openWithReplay(), {
      onRead: () => {
        reads += 1;
        if (reads === 2) throw new RetryableError('the store is slow');
      },
    });

    expect(await run(deps)).toMatchObject(done);
  });
});
