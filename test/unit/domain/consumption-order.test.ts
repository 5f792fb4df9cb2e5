import { describe, expect, it } from 'vitest';
import { ConsumptionOrder } from '../../../shared/domain/registry/consumption-order.js';
import { schemaV2, subscription } from '../../fixtures/events.js';

const ports = ['a', 'b', 'c', 'd'].map((name) => ({
  kind: 'OutputPort' as const,
  key: `op.x.${name}.out`,
  dataProduct: `dp.x.${name}`,
  contracts: [{ version: '1.0.0', schemaHash: schemaV2 }],
}));
const reads = (consumer: string, from: string, stage = 'prod', name = from) =>
  subscription({ key: `sub.x.${consumer}.${name}`, consumer: `dp.x.${consumer}`, port: `op.x.${from}.out`, stage });

describe('subscriptions checked one by one', () => {
  it('are refused when data would run in a circle, naming a shortest one and what to drop', () => {
    const { order } = ConsumptionOrder.of({
      ports,
      subscriptions: [reads('b', 'a'), reads('c', 'b'), reads('d', 'c')],
    });
    expect(order.put(reads('b', 'c'))).toEqual({
      kind: 'refused',
      subscription: 'sub.x.b.c',
      chain: 'dp.x.b -> op.x.b.out -> dp.x.c -> op.x.c.out -> dp.x.b',
      madeBy: ['sub.x.c.b', 'sub.x.b.c'],
      drop: 'sub.x.b.c',
    });
    expect(order.size).toBe(3);
  });

  it('are accepted in another stage, and on ports nobody declared', () => {
    const { order } = ConsumptionOrder.of({ ports, subscriptions: [reads('b', 'a')] });
    expect(order.put(reads('a', 'b', 'dev'))).toEqual({ kind: 'accepted' });
    expect(order.put(reads('a', 'nowhere'))).toEqual({ kind: 'accepted' });
  });

  it('may change their port; when the change is refused, what was there stays', () => {
    const { order } = ConsumptionOrder.of({ ports, subscriptions: [reads('b', 'a'), reads('c', 'b', 'prod', 'in')] });
    const back = { ...reads('a', 'c'), key: 'sub.x.a.in' };
    expect(order.put(back)).toMatchObject({ kind: 'refused' });
    expect(order.put(reads('c', 'd', 'prod', 'in'))).toEqual({ kind: 'accepted' });
    expect(order.put(back)).toEqual({ kind: 'accepted' });
    expect(order.put(reads('c', 'b', 'prod', 'in'))).toMatchObject({ kind: 'refused' });
    expect(order.size).toBe(3);
    expect(order.put(reads('d', 'c', 'prod', 'x'))).toMatchObject({ kind: 'refused' });
  });

  it('refuse a product that consumes itself', () => {
    const { order } = ConsumptionOrder.of({ ports, subscriptions: [] });
    expect(order.put(reads('a', 'a'))).toMatchObject({ kind: 'refused', chain: 'dp.x.a -> op.x.a.out -> dp.x.a' });
  });

  it('can be removed, which opens the way back', () => {
    const { order } = ConsumptionOrder.of({ ports, subscriptions: [reads('b', 'a')] });
    expect(order.remove('sub.x.b.a')).toBe(true);
    expect(order.remove('sub.x.b.a')).toBe(false);
    expect(order.put(reads('a', 'b'))).toEqual({ kind: 'accepted' });
  });

  it('are named when a registry already holds a circle', () => {
    const { refused } = ConsumptionOrder.of({ ports, subscriptions: [reads('b', 'a'), reads('a', 'b')] });
    expect(refused).toHaveLength(1);
  });
});
