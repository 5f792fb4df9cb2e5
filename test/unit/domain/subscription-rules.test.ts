import { describe, expect, it } from 'vitest';
import { SubscriptionEntry } from '../../../shared/contracts/subscription.js';
import { checkSubscriptionRules } from '../../../shared/domain/registry/check-subscription-rules.js';
import { subscription } from '../../fixtures/events.js';
import { setSubscription } from '../../fixtures/sets.js';

const byDay = { by: 'day', timeZone: 'UTC', partition: 'same' } as const;
const exact = { ...byDay, by: 'exact' } as const;

const cases: [what: string, entry: SubscriptionEntry, codes: string[]][] = [
  ['nothing wrong', setSubscription({ a: {}, b: { optional: true } }), []],
  ['a condition on an unknown input', setSubscription({ a: {} }, { when: { all: ['a', 'x'] } }), ['unknown-input']],
  [
    'three of two',
    setSubscription({ a: {}, b: {} }, { when: { any: [{ atLeast: 3, of: ['a', 'b'] }] } }),
    ['impossible-condition'],
  ],
  ['only optional inputs', setSubscription({ a: { optional: true } }), ['nothing-required']],
  ['one port twice', setSubscription({ a: {}, b: { port: 'op.sales.a.daily' } }), ['port-twice']],
  ['a lag without periods', setSubscription({ a: { maxLagPeriods: 1 } }, { align: exact }), ['lag-without-period']],
  [
    'coverage without periods',
    setSubscription({ a: { covers: { grain: 'hour', watermark: 'start' } } }, { align: exact }),
    ['coverage-without-period'],
  ],
  [
    'a grain as long as the period',
    setSubscription({ a: { covers: { grain: 'week', watermark: 'start' } } }, { align: { ...byDay, by: 'week' } }),
    ['coverage-without-period'],
  ],
  [
    'the hours of a month',
    setSubscription({ a: { covers: { grain: 'hour', watermark: 'start' } } }, { align: { ...byDay, by: 'month' } }),
    ['too-many-parts'],
  ],
  [
    'the days of a month',
    setSubscription({ a: { covers: { grain: 'day', watermark: 'start' } } }, { align: { ...byDay, by: 'month' } }),
    [],
  ],
  [
    'a zone that is none',
    setSubscription({ a: {} }, { align: { ...byDay, timeZone: 'Mars/Olympus' } }),
    ['unknown-time-zone'],
  ],
  [
    'a window in a zone that is none',
    subscription({ windows: [{ days: ['mon'], from: '06:00', to: '07:00', timeZone: 'CEST!', closedOn: [] }] }),
    ['unknown-time-zone'],
  ],
  ['quiet for each', subscription({ coalesce: { mode: 'each', quietMinutes: 5 } }), ['quiet-without-latest']],
  [
    'a wait shorter than the quiet',
    subscription({ coalesce: { mode: 'latest', quietMinutes: 5, maxWaitMinutes: 4 } }),
    ['wait-too-short'],
  ],
];

describe('the rules of a subscription', () => {
  it.each(cases)('with %s', (_, entry, codes) => {
    expect(checkSubscriptionRules(entry).map(({ code }) => code)).toEqual(codes);
  });

  const issuesOf = (entry: object): string[] => {
    const parsed = SubscriptionEntry.safeParse(entry);
    return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
  };

  it('name either one port or several inputs', () => {
    const { port: _port, versions: _versions, ...rest } = subscription();

    expect(issuesOf(rest)).toEqual(['port']);
    expect(issuesOf({ ...rest, port: 'op.sales.a.daily' })).toEqual(['versions']);
    expect(issuesOf({ ...setSubscription({ a: {} }), port: 'op.sales.a.daily' })).toEqual(['port']);
    expect(issuesOf({ ...subscription(), when: 'a' })).toEqual(['when']);
  });

  it('bound how deep and wide a condition may be', () => {
    const wide = { any: Array.from({ length: 65 }, () => 'a') };

    expect(issuesOf(setSubscription({ a: {} }, { when: wide }))).not.toEqual([]);
  });
});
