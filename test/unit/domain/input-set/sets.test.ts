import { describe, expect, it } from 'vitest';
import type { InputSet } from '../../../../shared/contracts/input-set.js';
import type { Signal } from '../../../../shared/contracts/signal.js';
import type { SubscriptionEntry } from '../../../../shared/contracts/subscription.js';
import type { Verdict } from '../../../../shared/contracts/verdict.js';
import { compileRegistry } from '../../../../shared/domain/compiled-registry.js';
import { decide } from '../../../../shared/domain/decide.js';
import { arrivalsOf, decisionsOf } from '../../../fixtures/decisions.js';
import { sealOf, setRegistry, setSubscription } from '../../../fixtures/sets.js';

const names = ['a', 'b', 'c'];
const day = (n: number, time = '00:00'): string => `2026-03-${String(n).padStart(2, '0')}T${time}:00Z`;

/** Play signals against one subscription, keeping its sets; the verdicts and the vectors that fired. */
function play(subscription: SubscriptionEntry, signals: readonly Signal[]) {
  const registry = compileRegistry('000001-a', setRegistry(names, [subscription]));
  const sets = new Map<string, InputSet>();
  const verdicts: Verdict[] = [];
  const fired: string[][] = [];
  for (const signal of signals) {
    const decided = decide(signal, { registry, nowMs: Date.parse(signal.receivedAt) });
    verdicts.push(...decisionsOf(decided).map(({ verdict }) => verdict));
    for (const arrival of arrivalsOf(decided)) {
      const { set, decision } = arrival.advance(sets.get(arrival.set));
      sets.set(arrival.set, set);
      verdicts.push(decision.verdict);
      if (decision.trigger) fired.push(decision.trigger.inputs.map(({ eventId }) => eventId).sort());
    }
  }
  const codes = verdicts.map(({ outcome, gates }) => {
    const no = gates.find(({ answer }) => answer === 'fail');
    return no ? `${outcome} ${no.code}` : outcome;
  });
  return { fired, codes, verdicts };
}

describe('a subscription on several ports', () => {
  const [a, b, c] = names.map((name) => sealOf(name, { watermark: day(10) }));
  if (!a || !b || !c) throw new Error('three seals');

  it('waits until all are there, and names what it waits for', () => {
    const { fired, codes, verdicts } = play(setSubscription({ a: {}, b: {}, c: {} }), [a, c, b]);

    expect(codes).toEqual(['waiting inputs-missing', 'waiting inputs-missing', 'matched']);
    expect(verdicts[1]?.gates.at(-1)?.facts).toEqual({ missing: ['b'] });
    expect(fired).toEqual([[a.eventId, b.eventId, c.eventId].sort()]);
  });

  it("never pairs yesterday's snapshot with today's", () => {
    const yesterday = sealOf('a', { watermark: day(9) });

    expect(play(setSubscription({ a: {}, b: {} }), [yesterday, b]).fired).toEqual([]);
  });

  it('fires once for any of several, and says of the later one that the set fired without it', () => {
    const { fired, codes } = play(setSubscription({ a: {}, b: {} }, { when: { any: ['a', 'b'] } }), [a, b]);

    expect(fired).toEqual([[a.eventId]]);
    expect(codes).toEqual(['matched', 'absorbed set-fired']);
  });

  it('counts at least n, nested', () => {
    const when = { all: ['a', { atLeast: 1, of: ['b', 'c'] }] };

    expect(play(setSubscription({ a: {}, b: {}, c: {} }, { when }), [b, c, a]).fired).toEqual([
      [a.eventId, b.eventId, c.eventId].sort(),
    ]);
    expect(play(setSubscription({ a: {}, b: {}, c: {} }, { when }), [b, c]).fired).toEqual([]);
  });

  it('takes an optional input along when it is there, and does not wait for it', () => {
    const subscription = setSubscription({ a: {}, b: {}, c: { optional: true } });

    expect(play(subscription, [c, a, b]).fired).toEqual([[a.eventId, b.eventId, c.eventId].sort()]);
    expect(play(subscription, [a, b, c]).fired).toEqual([[a.eventId, b.eventId].sort()]);
  });

  it('lets an input lag by the periods it may, and no further', () => {
    const subscription = setSubscription({ a: { maxLagPeriods: 1 }, b: {} });
    const old = (n: number): Signal => sealOf('a', { watermark: day(n) });

    expect(play(subscription, [old(9), b]).fired).toEqual([[old(9).eventId, b.eventId].sort()]);
    expect(play(subscription, [b, old(9)]).fired).toEqual([[old(9).eventId, b.eventId].sort()]);
    expect(play(subscription, [old(8), b]).fired).toEqual([]);
  });

  it('prefers the input that lags less', () => {
    const subscription = setSubscription({ a: { maxLagPeriods: 1 }, b: {} });
    const old = sealOf('a', { watermark: day(9) });

    expect(play(subscription, [a, old, b]).fired).toEqual([[a.eventId, b.eventId].sort()]);
  });

  it('fires again when a snapshot of its vector is corrected, not when it is merely newer', () => {
    const subscription = setSubscription({ a: {}, b: {} });
    const corrected = sealOf('a', { watermark: day(10), revision: 1 });
    const newer = sealOf('a', { watermark: day(10, '12:00') });

    const { fired, codes } = play(subscription, [a, b, newer, corrected]);

    expect(fired).toEqual([[a.eventId, b.eventId].sort(), [corrected.eventId, b.eventId].sort()]);
    expect(codes).toEqual(['waiting inputs-missing', 'matched', 'absorbed set-fired', 'matched']);
  });

  it('says of a second event for the same snapshot that another stands for it', () => {
    const again = sealOf('a', { watermark: day(10) }, { eventId: 'again' });

    expect(play(setSubscription({ a: {}, b: {} }), [a, again]).codes[1]).toBe('absorbed superseded');
  });

  it('lets a set complete as long as it is valid, and not after', () => {
    const subscription = setSubscription(
      { a: {}, b: {} },
      { align: { by: 'day', timeZone: 'UTC', partition: 'same', validForMinutes: 60 } },
    );
    const received = (receivedAt: string): Signal => ({ ...b, receivedAt });

    expect(play(subscription, [{ ...a, receivedAt: day(10) }, received(day(11, '01:00'))]).codes[1]).toBe('matched');
    expect(play(subscription, [{ ...a, receivedAt: day(10) }, received('2026-03-11T01:00:01Z')]).codes[1]).toBe(
      'not-matched set-expired',
    );
  });

  it('does not let a signal that fails its gates into the set', () => {
    const poor: Signal = { ...a, qualityStatus: 'failed' };

    expect(play(setSubscription({ a: {}, b: {} }), [poor, b]).codes).toEqual([
      'not-matched quality-below-minimum',
      'waiting inputs-missing',
    ]);
  });

  it('cannot align an opaque mark by period, and says so', () => {
    const mark = sealOf('a', { watermark: 'batch-7' });

    expect(play(setSubscription({ a: {}, b: {} }), [mark]).codes).toEqual(['not-matched watermark-not-a-time']);
  });
});

describe('an input that must cover its period', () => {
  const zurich = { by: 'day', timeZone: 'Europe/Zurich', partition: 'same' } as const;
  const subscription = setSubscription({ a: { covers: { grain: 'hour', watermark: 'start' } } }, { align: zurich });
  const hours = (from: string, count: number): Signal[] =>
    Array.from({ length: count }, (_, n) =>
      sealOf('a', { watermark: new Date(Date.parse(from) + n * 3_600_000).toISOString() }),
    );

  it.each([
    ['an ordinary day', '2026-03-09T23:00:00Z', 24],
    ['the day on which summer time starts', '2026-03-28T23:00:00Z', 23],
    ['the day on which it ends', '2026-10-24T22:00:00Z', 25],
  ])('fires with the last hour of %s', (_, from, count) => {
    const all = hours(from, count);

    const { fired, codes } = play(subscription, [...all].reverse());

    expect(codes.filter((code) => code === 'matched')).toHaveLength(1);
    expect(fired[0]).toHaveLength(count);
    expect(play(subscription, all.slice(1)).fired).toEqual([]);
  });
});
