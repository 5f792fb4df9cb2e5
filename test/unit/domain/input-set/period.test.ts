import { describe, expect, it } from 'vitest';
import type { Alignment } from '../../../../shared/contracts/subscription.js';
import { findGaps } from '../../../../shared/domain/input-set/coverage.js';
import { fromSetKey, toFollowing, toInterval, toSetPeriod } from '../../../../shared/domain/input-set/period.js';

const align = (by: Alignment['by'], timeZone = 'UTC'): Alignment => ({ by, timeZone, partition: 'same' });
const hourMs = 3_600_000;
const iso = (ms: number | undefined): string => new Date(ms ?? Number.NaN).toISOString();

const cases: [by: Alignment['by'], timeZone: string, watermark: string, start: string, hours: number][] = [
  ['hour', 'UTC', '2026-03-10T10:59:59.999Z', '2026-03-10T10:00:00.000Z', 1],
  ['day', 'UTC', '2026-03-10T00:00:00Z', '2026-03-10T00:00:00.000Z', 24],
  ['day', 'Europe/Zurich', '2026-03-10T00:00:00Z', '2026-03-09T23:00:00.000Z', 24],
  ['day', 'Europe/Zurich', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', 23],
  ['day', 'Europe/Zurich', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z', 25],
  ['day', 'America/New_York', '2026-03-08T12:00:00-04:00', '2026-03-08T05:00:00.000Z', 23],
  ['day', 'Asia/Kolkata', '2026-03-10T20:00:00Z', '2026-03-10T18:30:00.000Z', 24],
  ['week', 'UTC', '2026-03-15T23:59:59Z', '2026-03-09T00:00:00.000Z', 168],
  ['month', 'UTC', '2028-02-29T10:00:00Z', '2028-02-01T00:00:00.000Z', 29 * 24],
  ['exact', 'UTC', '2026-03-10T01:00:00+01:00', '2026-03-10T00:00:00.000Z', 0],
];

describe('the period of a snapshot', () => {
  it.each(cases)('by %s in %s, of %s starts at %s and lasts %i hours', (...[by, timeZone, watermark, start, hours]) => {
    const period = toSetPeriod(align(by, timeZone), { watermark });

    expect(period?.key).toBe(start);
    expect(fromSetKey(align(by, timeZone), period?.key ?? '')).toEqual(period);
    expect(iso(period?.startMs)).toBe(start);
    expect(((period?.endMs ?? 0) - (period?.startMs ?? 0)) / hourMs).toBe(hours);
  });

  it('keeps partitions apart unless told otherwise', () => {
    const watermark = '2026-03-10T00:00:00Z';
    const [north, south] = ['north', 'south'].map((partition) => ({ watermark, partition }));

    expect(toSetPeriod(align('day'), north ?? {})?.key).not.toBe(toSetPeriod(align('day'), south ?? {})?.key);
    const any: Alignment = { ...align('day'), partition: 'any' };
    expect(toSetPeriod(any, north ?? {})).toEqual(toSetPeriod(any, south ?? {}));
  });

  it('aligns opaque marks exactly, and by no period', () => {
    expect(toSetPeriod(align('exact'), { watermark: 'batch 7' })?.key).toMatch(/^mark-[0-9a-f]{24}$/);
    expect(toSetPeriod(align('day'), { watermark: 'batch 7' })).toBeUndefined();
  });

  it('counts on by the calendar: the day after a short day starts at midnight', () => {
    const zurich = align('day', 'Europe/Zurich');
    const shortDay = toSetPeriod(zurich, { watermark: '2026-03-29T12:00:00Z', partition: 'p' });
    if (!shortDay) throw new Error('a time has a period');

    const next = toFollowing(zurich, shortDay, 1);

    expect(next).toEqual(toSetPeriod(zurich, { watermark: '2026-03-30T12:00:00Z', partition: 'p' }));
  });

  it('puts a snapshot whose watermark marks the end of its hour into the day of that hour', () => {
    const coverage = { grain: 'hour', watermark: 'end' } as const;

    const period = toSetPeriod(align('day'), { watermark: '2026-03-11T00:00:00Z' }, coverage);

    expect(period?.key).toBe('2026-03-10T00:00:00.000Z');
    const { startMs, endMs } = toInterval(Date.parse('2026-03-11T00:00:00Z'), align('day'), coverage);
    expect([iso(startMs), iso(endMs)]).toEqual(['2026-03-10T23:00:00.000Z', '2026-03-11T00:00:00.000Z']);
  });
});

describe('gaps in a period', () => {
  const whole = { startMs: 0, endMs: 10 };
  it.each([
    ['nothing covers', [], [whole]],
    ['one covers it all', [{ startMs: -5, endMs: 20 }], []],
    [
      'pieces in any order with overlaps',
      [
        { startMs: 4, endMs: 10 },
        { startMs: 0, endMs: 5 },
      ],
      [],
    ],
    [
      'a hole in the middle',
      [
        { startMs: 0, endMs: 3 },
        { startMs: 4, endMs: 10 },
      ],
      [{ startMs: 3, endMs: 4 }],
    ],
    [
      'missing ends',
      [{ startMs: 2, endMs: 8 }],
      [
        { startMs: 0, endMs: 2 },
        { startMs: 8, endMs: 10 },
      ],
    ],
    [
      'only outside',
      [
        { startMs: 10, endMs: 12 },
        { startMs: -4, endMs: 0 },
      ],
      [whole],
    ],
  ])('when %s', (_, intervals, gaps) => {
    expect(findGaps(whole, intervals)).toEqual(gaps);
  });
});
