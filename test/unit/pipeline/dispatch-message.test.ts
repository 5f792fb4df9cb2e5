import { describe, expect, it } from 'vitest';
import type { QuarantineItem } from '../../../shared/contracts/quarantine-item.js';
import { DispatchMessage } from '../../../shared/contracts/stage-messages.js';
import { Trigger } from '../../../shared/contracts/trigger.js';
import { checkResubmit } from '../../../shared/pipeline/operators/resubmit.js';
import { toDispatchMessage } from '../../../shared/pipeline/to-dispatch-message.js';
import { origin, registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openMemoryWorld } from '../../support/memory-world.js';
import { openOperatorWorld } from '../../support/operator-world.js';

type World = Awaited<ReturnType<typeof openMemoryWorld>>;

const subscriptions = [subscription(), subscription({ key: 'sub.finance.revenue.again' })];

/** A world in which two triggers of one seal wait for dispatch. */
async function openWithTwo(): Promise<{ world: World; first: DispatchMessage; second: DispatchMessage }> {
  const world = await openMemoryWorld(registryDocument(subscriptions));
  await world.ingest([{ body: Buffer.from(JSON.stringify(sealedEvent())), properties: {}, origin: origin() }]);
  const take = () => world.queues.waiting.splice(0).map(({ message }) => message);
  await world.runs.normalize(take());
  await world.runs.evaluate(take());
  const [first, second] = take().map((message) => DispatchMessage.parse(message));
  if (first === undefined || second === undefined) throw new Error('the seal fires twice');
  return { world, first, second };
}

const bodyOf = ({ trigger }: DispatchMessage): string => trigger.body ?? '';

describe('a message to dispatch', () => {
  it('holds the JSON of the trigger as the ledger has it', async () => {
    const { world, first } = await openWithTwo();

    const entry = await world.ledger.get(first.trigger.triggerId);

    expect(JSON.parse(bodyOf(first))).toEqual(JSON.parse(JSON.stringify(entry?.trigger)));
  });

  it.each([
    ['is no JSON', () => 'nonsense'],
    ['was cut off', (own: string) => own.slice(0, -1)],
    ['is empty', () => ''],
    ["is another trigger's", (_own: string, other: string) => other],
    ['says another kind', (own: string) => own.replace('"kind":"trigger"', '"kind":"revocation"')],
  ])('is quarantined and sends nothing when its body %s, and its neighbour goes on', async (_how, toBody) => {
    const { world, first, second } = await openWithTwo();
    const body = toBody(bodyOf(first), bodyOf(second));

    const counts = await world.runs.dispatch([{ ...first, trigger: { ...first.trigger, body } }, second]);

    expect(counts).toEqual({ handled: 1, putBack: 0, parked: 1 });
    expect(world.topic.sent.map(({ triggerId }) => triggerId)).toEqual([second.trigger.triggerId]);
    expect(await world.quarantine.list({ limit: 5 })).toMatchObject([{ reason: 'invalid-stage-message' }]);
  });

  it('leaves a body in the ledger that is too large to travel along, and the trigger is sent whole', async () => {
    const { world, first } = await openWithTwo();
    const entry = await world.ledger.get(first.trigger.triggerId);
    const large = { decidedAt: first.trigger.decidedAt, snapshots: [] };
    const absorbed = Array.from({ length: 1_000 }, () => ({ triggerId: first.trigger.triggerId, ...large }));
    if (entry === undefined) throw new Error('the trigger was recorded');
    const { trigger: light } = toDispatchMessage({ ...entry, trigger: { ...entry.trigger, absorbed } });
    expect(light).not.toHaveProperty('body');
    expect(light.triggerId).toBe(first.trigger.triggerId);

    await world.runs.dispatch([{ ...first, trigger: light }]);

    expect(world.topic.sent).toEqual([entry.trigger]);
    expect(await world.ledger.get(first.trigger.triggerId)).toMatchObject({ state: 'sent' });
  });
});

describe('a parked message to dispatch that is sent again', () => {
  const item = { reason: 'retries-exhausted', bodyBase64: '' } as QuarantineItem; // only these are looked at
  const resend = async (message: DispatchMessage) => {
    const { deps } = await openOperatorWorld(registryDocument());
    return checkResubmit(item, JSON.parse(JSON.stringify(message)) as Record<string, unknown>, deps);
  };

  it('has the heading that its body says, whatever somebody wrote over it', async () => {
    const { first } = await openWithTwo();
    const renamed = { ...first.trigger, consumer: 'dp.evil.twin', ports: ['op.evil.twin.port'] };

    expect(await resend({ ...first, trigger: renamed, attempt: 24 })).toEqual({
      ok: true,
      value: { kind: 'message', message: { ...first, attempt: 0 } },
    });
  });

  it('is refused when its body is no trigger', async () => {
    const { first } = await openWithTwo();
    const { inputs: _gone, ...rest } = Trigger.parse(JSON.parse(bodyOf(first)));

    for (const body of [JSON.stringify(rest), `${bodyOf(first).slice(0, -1)},}`]) {
      expect(await resend({ ...first, trigger: { ...first.trigger, body } })).toMatchObject({ ok: false });
    }
  });

  it('goes as it is when its body stayed in the ledger', async () => {
    const { first } = await openWithTwo();
    const { body: _stays, ...light } = first.trigger;

    expect(await resend({ ...first, trigger: light })).toEqual({
      ok: true,
      value: { kind: 'message', message: { ...first, trigger: light, attempt: 0 } },
    });
  });
});
