import { describe, expect, it } from 'vitest';
import { TriggerId } from '../../../shared/contracts/trigger-id.js';
import {
  toBucket,
  toContentHash,
  toEventIdentity,
  toSignalId,
  toTriggerId,
  toVerdictId,
} from '../../../shared/domain/identity.js';
import { toTriggerInput } from '../../../shared/domain/trigger.js';
import { sealedEvent, signal } from '../../fixtures/events.js';

const subscription = 'sub.finance.revenue.orders';
const idOf = (...events: ReturnType<typeof sealedEvent>[]): string =>
  toTriggerId(
    subscription,
    'prod',
    events.map((event) => toTriggerInput(signal(event))),
  );

describe('identity', () => {
  it('gives two events about the same snapshot the same trigger id', () => {
    expect(idOf(sealedEvent({ eventId: 'a' }))).toBe(idOf(sealedEvent({ eventId: 'b' })));
  });

  it.each([
    ['watermark', { snapshot: { watermark: '2026-03-12T00:00:00Z' } }],
    ['batch id', { snapshot: { batchId: 'b1' } }],
    ['partition', { snapshot: { partition: 'eu' } }],
    ['revision', { snapshot: { revision: 1 } }],
    ['schema hash', { snapshot: { schemaHash: 'sha256:00000000' } }],
    ['version', { outputPort: { version: '2.1.1' } }],
    ['stage', { outputPort: { stage: 'test' } }],
    ['port', { outputPort: { key: 'op.sales.orders.hourly' } }],
  ])('gives another %s another trigger id', (_, change) => {
    expect(idOf(sealedEvent(change))).not.toBe(idOf(sealedEvent()));
  });

  it('does not confuse a batch id with a partition of the same text', () => {
    expect(idOf(sealedEvent({ snapshot: { batchId: 'x' } }))).not.toBe(
      idOf(sealedEvent({ snapshot: { partition: 'x' } })),
    );
  });

  it('takes an absent revision as revision 0', () => {
    expect(idOf(sealedEvent({ snapshot: { revision: 0 } }))).toBe(idOf(sealedEvent()));
  });

  it('does not depend on the order of inputs', () => {
    const [a, b] = [sealedEvent(), sealedEvent({ outputPort: { key: 'op.crm.customers.current' } })];

    expect(idOf(a, b)).toBe(idOf(b, a));
  });

  it('has the documented form and names stage and bucket of the subscription', () => {
    const id = idOf(sealedEvent());

    expect(TriggerId.safeParse(id).success).toBe(true);
    expect(id.startsWith(`prod.${toBucket(subscription)}.`)).toBe(true);
  });

  it('gives the ids it always gave: rows that are stored for ever are found by them', () => {
    const { signalId, traceparent } = toEventIdentity('dp.sales.orders', 'orders-2026-03-10');

    expect(toSignalId('dp.sales.orders', 'orders-2026-03-10')).toBe(signalId);
    expect(signalId).toBe('bz6dgax2qtusdzahyuv5-wp35az45u5j6');
    expect(idOf(sealedEvent())).toBe('prod.58.x2psvb54jzau4st7dx5rqdty33');
    expect(toVerdictId(signalId, subscription)).toBe('v-bz6dgax2qtusdzahyuv5-wp35az45u5j6-sub.finance.revenue.orders');
    expect(traceparent).toBe('00-0e7c3302fa84e921e407c52bd289e33a-0e7c3302fa84e921-01');
    expect(toContentHash(sealedEvent())).toBe('e3bc2ef9679a99ff150c581a895bd470cc5fdbd20dcc73ba16246cd64f7baa8f');
  });

  it('gives a verdict for a later set an id of its own', () => {
    const ids = [undefined, 'set', 'other'].map((set) => toVerdictId('s', subscription, set));

    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => id.startsWith(`v-s-${subscription}`))).toBe(true);
  });

  it('does not let the parts of a vector run into each other', () => {
    const [one, other] = [
      sealedEvent({ snapshot: { watermark: 'a1:b', batchId: 'c' } }),
      sealedEvent({ snapshot: { watermark: 'a', batchId: 'b1:c' } }),
    ];

    expect(idOf(one)).not.toBe(idOf(other));
  });

  it('spreads keys over all buckets', () => {
    const buckets = Array.from({ length: 10_000 }, (_, number) => toBucket(`sub.finance.revenue.orders-${number}`));

    expect(new Set(buckets).size).toBe(256);
  });

  it('tells event ids of different producers apart', () => {
    const [b, c] = [toEventIdentity('dp.a.b', 'x'), toEventIdentity('dp.a.c', 'x')];

    expect(b.signalId).not.toBe(c.signalId);
    expect(b.traceparent).not.toBe(c.traceparent);
  });

  it('hashes content by meaning: member order does not count, values do', () => {
    expect(toContentHash({ a: 1, b: [2] })).toBe(toContentHash({ b: [2], a: 1 }));
    expect(toContentHash({ a: 1, b: [2] })).not.toBe(toContentHash({ a: 1, b: [3] }));
  });
});
