import { describe, expect, it } from 'vitest';
import type { FlowState } from '../../../../shared/contracts/flow-state.js';
import type { DispatchWindow, SubscriptionEntry } from '../../../../shared/contracts/subscription.js';
import type { Trigger } from '../../../../shared/contracts/trigger.js';
import { compileRegistry } from '../../../../shared/domain/compiled-registry.js';
import { decide } from '../../../../shared/domain/decide.js';
import { findFlowHolds, planRelease, type ReleasePlan } from '../../../../shared/domain/flow/plan-release.js';
import { isOpen, toNextOpening } from '../../../../shared/domain/flow/window.js';
import { decisionsOf } from '../../../fixtures/decisions.js';
import { registryDocument, sealedEvent, signal } from '../../../fixtures/events.js';

type Rules = Pick<SubscriptionEntry, 'throttle' | 'coalesce' | 'windows'>;
const startMs = Date.parse('2026-03-10T10:00:00Z');
const minuteMs = 60_000;
const registry = compileRegistry('000001-a', registryDocument());
const noFlow: FlowState = { releasedAt: [] };

/** Trigger number `n`: decided in minute `n`, for the snapshot of hour `n`. */
function trigger(n: number, partition?: string): Trigger {
  const watermark = new Date(Date.UTC(2026, 2, 1) + n * 3_600_000).toISOString();
  const event = sealedEvent({
    eventId: `e${n}${partition ?? ''}`,
    snapshot: { watermark, ...(partition && { partition }) },
  });
  const [decision] = decisionsOf(decide(signal(event), { registry, nowMs: startMs + n * minuteMs }));
  if (!decision?.trigger) throw new Error('a good seal fires');
  return decision.trigger;
}

const numbers = (count: number): Trigger[] => Array.from({ length: count }, (_, n) => trigger(n));
const idsOf = (triggers: readonly Trigger[]): string[] => triggers.map(({ inputs }) => inputs[0]?.eventId ?? '');

function plan(held: readonly Trigger[], rules: Rules, atMinute: number, flow = noFlow): ReleasePlan {
  return planRelease(held, flow, {
    subscription: rules,
    holdsOf: () => [],
    nowMs: startMs + atMinute * minuteMs,
    most: 30,
  });
}

/** Ask until nothing more happens, as the pipeline does; what is left and what went. */
function settle(held: readonly Trigger[], rules: Rules, atMinute: number) {
  let [left, flow, released] = [[...held], noFlow, [] as Trigger[]];
  for (let more = true; more;) {
    const next = plan(left, rules, atMinute, flow);
    const gone = new Set([...next.release, ...next.absorb.map(({ trigger: one }) => one)].map((one) => one.triggerId));
    const kept = new Map(next.keep.map((one) => [one.triggerId, one]));
    left = left.filter((one) => !gone.has(one.triggerId)).map((one) => kept.get(one.triggerId) ?? one);
    [flow, released, more] = [next.flow, [...released, ...next.release], next.more];
  }
  return { left, released };
}

describe('a throttle of 2 in 10 minutes', () => {
  const rules: Rules = { throttle: { max: 2, perMinutes: 10 } };

  it('lets the two oldest go and keeps the others', () => {
    expect(idsOf(plan(numbers(4), rules, 4).release)).toEqual(['e0', 'e1']);
  });

  it('lets the next go when the period has passed, not a moment before', () => {
    const { flow } = plan(numbers(2), rules, 4);

    expect(plan([trigger(5)], rules, 13.99, flow).release).toEqual([]);
    expect(idsOf(plan([trigger(5)], rules, 14, flow).release)).toEqual(['e5']);
  });

  it('says until when', () => {
    const { flow } = plan(numbers(2), rules, 4);

    expect(findFlowHolds([trigger(5)], flow, { subscription: rules, nowMs: startMs + 5 * minuteMs })).toMatchObject([
      { code: 'throttled', until: '2026-03-10T10:14:00.000Z' },
    ]);
  });
});

describe('coalescing to the latest', () => {
  const rules: Rules = { coalesce: { mode: 'latest' } };

  it('sends the newest snapshot and names every other, oldest first', () => {
    const { released, left } = settle([trigger(3), trigger(1), trigger(2)], rules, 5);

    expect(idsOf(released)).toEqual(['e3']);
    expect(released[0]?.absorbed?.flatMap(({ snapshots }) => snapshots.map(({ eventId }) => eventId))).toEqual([
      'e1',
      'e2',
    ]);
    expect(left).toEqual([]);
  });

  it('goes by the watermark, not by the order of arrival', () => {
    const late = { ...trigger(1), decidedAt: '2026-03-10T23:00:00.000Z' };

    expect(idsOf(settle([trigger(3), late], rules, 900).released)).toEqual(['e3']);
  });

  it('names all of a backlog larger than one plan', () => {
    const { released } = settle(numbers(100), rules, 200);

    expect(released).toHaveLength(1);
    expect(new Set(released[0]?.absorbed?.map(({ triggerId }) => triggerId)).size).toBe(99);
  });

  it('keeps partitions apart', () => {
    const { released } = settle([trigger(1, 'north'), trigger(2, 'north'), trigger(1, 'south')], rules, 5);

    expect(idsOf(released).sort()).toEqual(['e1south', 'e2north']);
  });

  it('waits for quiet, but not longer than the most it may', () => {
    const quiet: Rules = { coalesce: { mode: 'latest', quietMinutes: 5, maxWaitMinutes: 12 } };

    expect(settle(numbers(3), quiet, 6).released).toEqual([]);
    expect(idsOf(settle(numbers(3), quiet, 7).released)).toEqual(['e2']);
    expect(settle(numbers(11), quiet, 11).released).toEqual([]);
    expect(idsOf(settle(numbers(12), quiet, 12).released)).toEqual(['e11']);
  });
});

describe('a hold', () => {
  it('keeps a trigger whatever the throttle would allow, and lets its neighbours go', () => {
    const [first, second] = numbers(2);
    if (!first || !second) throw new Error('two triggers');

    const { release } = planRelease([first, second], noFlow, {
      subscription: {},
      holdsOf: (one) => (one === first ? [{ code: 'paused', reason: 'stopped' }] : []),
      nowMs: startMs,
      most: 30,
    });

    expect(release).toEqual([second]);
  });
});

describe('dispatch windows', () => {
  const window = (overrides: Partial<DispatchWindow>): DispatchWindow => ({
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
    from: '06:00',
    to: '22:00',
    timeZone: 'Europe/Zurich',
    closedOn: [],
    ...overrides,
  });
  const open = (at: string, overrides: Partial<DispatchWindow> = {}): boolean =>
    isOpen([window(overrides)], Date.parse(at));

  it.each([
    ['the first moment', '2026-03-10T05:00:00Z', {}, true],
    ['a moment before', '2026-03-10T04:59:59.999Z', {}, false],
    ['the closing moment', '2026-03-10T21:00:00Z', {}, false],
    ['a Saturday', '2026-03-14T12:00:00Z', {}, false],
    ['a closed date', '2026-03-10T12:00:00Z', { closedOn: ['2026-03-10'] }, false],
    ['after summer time started', '2026-03-30T04:00:00Z', {}, true],
    ['the small hours of a window over midnight', '2026-03-11T01:00:00Z', { from: '22:00', to: '04:00' }, true],
    ['the night before its first day', '2026-03-09T01:00:00Z', { from: '22:00', to: '04:00' }, false],
    ['the night after its last day', '2026-03-14T01:00:00Z', { from: '22:00', to: '04:00' }, true],
  ] as const)('at %s (%s)', (_, at, overrides, expected) => {
    expect(open(at, { ...overrides, closedOn: [...(('closedOn' in overrides && overrides.closedOn) || [])] })).toBe(
      expected,
    );
  });

  it('hold everything while closed, and say when they open', () => {
    const saturdayMs = Date.parse('2026-03-14T12:00:00Z');
    const subscription: Rules = { windows: [window({})] };

    expect(
      planRelease(numbers(2), noFlow, { subscription, holdsOf: () => [], nowMs: saturdayMs, most: 30 }).release,
    ).toEqual([]);
    expect(findFlowHolds(numbers(2), noFlow, { subscription, nowMs: saturdayMs })).toMatchObject([
      { code: 'outside-window', until: '2026-03-16T05:00:00.000Z' },
    ]);
  });

  it('that never open again have no next opening', () => {
    const closedOn = Array.from({ length: 366 }, (_, n) =>
      new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10),
    );

    expect(toNextOpening([window({ days: ['mon'], closedOn })], Date.parse('2026-01-02T00:00:00Z'))).toBe(
      Date.parse('2027-01-04T05:00:00Z'),
    );
  });
});
