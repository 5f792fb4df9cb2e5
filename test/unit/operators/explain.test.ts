import { describe, expect, it } from 'vitest';
import type { SubscriptionExplanation } from '../../../shared/contracts/api/explanation.js';
import { pause } from '../../../shared/pipeline/operators/change-controls.js';
import { explain } from '../../../shared/pipeline/operators/explain.js';
import { simulate } from '../../../shared/pipeline/operators/simulate.js';
import { registryDocument, schemaV3, sealedEvent, subscription } from '../../fixtures/events.js';
import { openOperatorWorld } from '../../support/operator-world.js';

type World = Awaited<ReturnType<typeof openOperatorWorld>>;

async function decisionsOn(world: World, id: string): Promise<SubscriptionExplanation[]> {
  const explained = await explain({ id }, world.deps);
  if (!explained.ok) throw new Error(explained.problem.detail);
  return explained.value.events.flatMap(({ subscriptions }) => subscriptions);
}

const bytesOf = (event: object): { body: Uint8Array; properties: Record<string, string> } => ({
  body: Buffer.from(JSON.stringify(event)),
  properties: {},
});

const tooYoung = sealedEvent({ outputPort: { version: '3.0.0' }, snapshot: { schemaHash: schemaV3 } });

describe('what would make a subscription fire', () => {
  it('is one event of the producer, or one change by the consumer; each tried with the gates', async () => {
    const world = await openOperatorWorld(
      registryDocument([subscription({ minimumQuality: { status: 'passed', score: 1 } })]),
    );
    await world.publish(tooYoung);

    const [{ outcome, remedies } = { remedies: [] }] = await decisionsOn(world, tooYoung.eventId);

    expect(outcome).toBe('not-matched');
    expect(remedies.map(({ kind, owner, verified }) => [kind, owner, verified])).toEqual([
      ['event', 'team-sales', true],
      ['subscription', 'team-finance', true],
    ]);
    expect(remedies[0]?.fact).toContain('version 2.1.0');
    expect(remedies[0]?.fact).toContain('score 1 or more');
  });

  it('comes with when such snapshots usually arrive', async () => {
    const world = await openOperatorWorld(registryDocument());
    for (let day = 1; day <= 9; day += 1) {
      await world.publish(sealedEvent({ eventId: `d${day}`, snapshot: { watermark: `2026-03-0${day}T00:00:00Z` } }));
    }
    await world.publish(tooYoung);

    const [{ remedies } = { remedies: [] }] = await decisionsOn(world, tooYoung.eventId);

    expect(remedies[0]?.usually).toMatchObject({ samples: 10, medianIntervalMinutes: 1_440 });
  });

  it('names a contract that is missing when no event could help', async () => {
    const world = await openOperatorWorld(registryDocument([subscription({ versions: '^9' })]));
    await world.publish(sealedEvent());

    const [{ remedies } = { remedies: [] }] = await decisionsOn(world, 'orders-2026-03-10');

    expect(remedies[0]).toMatchObject({ kind: 'registry', verified: false });
  });

  it('is a higher revision when the snapshot has fired before', async () => {
    const world = await openOperatorWorld(registryDocument());
    await world.publish(sealedEvent());
    await world.publish(sealedEvent({ eventId: 'again' }));

    const [{ outcome, firstEventId, remedies } = { remedies: [] }] = await decisionsOn(world, 'again');

    expect([outcome, firstEventId]).toEqual(['same-vector', 'orders-2026-03-10']);
    expect(remedies[0]?.fact).toContain('revision 1');
  });

  it('is every input that its set still misses, with the owners', async () => {
    const document = registryDocument([
      subscription({
        port: undefined,
        versions: undefined,
        minimumQuality: undefined,
        inputs: {
          orders: {
            port: 'op.sales.orders.daily',
            versions: '^2.1',
            minimumQuality: { status: 'passed' },
            optional: false,
          },
          returns: {
            port: 'op.sales.returns.daily',
            versions: '^1',
            minimumQuality: { status: 'passed' },
            optional: false,
          },
        },
      }),
    ]);
    const [orders] = document.ports;
    if (orders === undefined) throw new Error('there is a port');
    const returns = {
      ...orders,
      key: 'op.sales.returns.daily',
      contracts: [{ version: '1.0.0', schemaHash: schemaV3 }],
    };
    const world = await openOperatorWorld({ ...document, ports: [orders, returns] });
    await world.publish(sealedEvent());

    const [{ outcome, remedies } = { remedies: [] }] = await decisionsOn(world, 'orders-2026-03-10');

    expect(outcome).toBe('waiting');
    expect(remedies).toMatchObject([{ kind: 'event', owner: 'team-sales', gates: ['set'] }]);
    expect(remedies[0]?.fact).toContain('op.sales.returns.daily');
  });

  it('is the end of a pause for a trigger that is held', async () => {
    const world = await openOperatorWorld(registryDocument());
    await pause({ target: { kind: 'everything' }, reason: 'migration' }, { actor: 'ada' }, world.deps);
    world.advance(10);
    await world.publish(sealedEvent());

    const [{ outcome, pausedBy, remedies } = { remedies: [] }] = await decisionsOn(world, 'orders-2026-03-10');

    expect([outcome, pausedBy]).toEqual(['held', 'everything: migration']);
    expect(remedies).toMatchObject([{ kind: 'release', owner: 'ada' }]);
    expect(world.topic.sent).toEqual([]);
  });
});

describe('explain', () => {
  it('shows what a subscription that is newer than the event would say now', async () => {
    const world = await openOperatorWorld(registryDocument([]));
    await world.publish(sealedEvent());
    await world.apply(registryDocument());

    const [explained] = await decisionsOn(world, 'orders-2026-03-10');

    expect(explained).toMatchObject({ outcome: 'not-evaluated', registryVersion: '000002-x' });
    expect(explained?.reason).toContain('would be matched');
  });

  it('answers for the event of a receipt', async () => {
    const world = await openOperatorWorld(registryDocument());
    await world.publish(sealedEvent());
    const [sent] = world.topic.sent;
    await world.deps.ledger.addReceipt({
      triggerId: sent?.triggerId ?? '',
      eventId: 'receipt-1',
      consumer: 'dp.finance.revenue',
      status: 'accepted',
      occurredAt: '2026-03-11T02:01:00.000Z',
      receivedAt: '2026-03-11T02:01:01.000Z',
    });

    expect(await explain({ id: 'receipt-1' }, world.deps)).toMatchObject({
      ok: true,
      value: { receipts: [{ status: 'accepted', triggerId: sent?.triggerId }] },
    });
  });

  it('knows nothing of what was never recorded', async () => {
    const world = await openOperatorWorld(registryDocument());
    for (const id of ['nothing', 'prod.3f.aaaaaaaaaaaaaaaaaaaaaaaaaa']) {
      expect(await explain({ id }, world.deps)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
    }
  });
});

describe('simulate', () => {
  it('foresees what the pipeline then does, and leaves no trace', async () => {
    const world = await openOperatorWorld(registryDocument());

    const foreseen = await simulate(bytesOf(sealedEvent()), world.deps);
    expect(foreseen).toMatchObject({ outcome: 'signal', verdicts: [{ outcome: 'matched', effect: 'fires' }] });
    expect(await explain({ id: 'orders-2026-03-10' }, world.deps)).toMatchObject({ ok: false });

    await world.publish(sealedEvent());
    expect(world.topic.sent.map(({ triggerId }) => triggerId)).toEqual([foreseen.verdicts[0]?.triggerId]);
  });

  it('tells duplicates, conflicts, repeated snapshots, pauses and refusals', async () => {
    const world = await openOperatorWorld(registryDocument());
    await world.publish(sealedEvent());
    const outcomeOf = async (event: object): Promise<unknown[]> => {
      const { outcome, reason, verdicts } = await simulate(bytesOf(event), world.deps);
      return [outcome, reason, verdicts[0]?.effect];
    };
    expect(await outcomeOf(sealedEvent())).toEqual(['duplicate', undefined, 'none']);
    expect(await outcomeOf(sealedEvent({ snapshot: { recordCount: 1 } }))).toEqual([
      'quarantined',
      'event-id-conflict',
      undefined,
    ]);
    expect(await outcomeOf(sealedEvent({ eventId: 'other' }))).toEqual(['signal', undefined, 'none']);
    expect(await outcomeOf({ eventType: 'Nonsense' })).toEqual(['quarantined', 'unknown-event-type', undefined]);
    await pause({ target: { kind: 'stage', stage: 'prod' }, reason: 'x' }, { actor: 'ada' }, world.deps);
    world.advance(10);
    expect(await outcomeOf(sealedEvent({ eventId: 'new', snapshot: { revision: 1 } }))).toEqual([
      'signal',
      undefined,
      'held',
    ]);
  });
});
