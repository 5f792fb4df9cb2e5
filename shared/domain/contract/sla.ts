import type { DataContract, SlaProperty } from '../../contracts/registry/data-contract.js';

const minutesPer: Readonly<Record<string, number>> = {
  ms: 1 / 60_000,
  s: 1 / 60,
  sec: 1 / 60,
  second: 1 / 60,
  seconds: 1 / 60,
  m: 1,
  min: 1,
  minute: 1,
  minutes: 1,
  h: 60,
  hr: 60,
  hour: 60,
  hours: 60,
  d: 1_440,
  day: 1_440,
  days: 1_440,
  w: 10_080,
  week: 10_080,
  weeks: 10_080,
  y: 525_600,
  yr: 525_600,
  year: 525_600,
  years: 525_600,
};

/** A service level that is a span of time, in minutes; undefined when it is none or its unit is not known. */
export function toMinutes({ value, unit }: SlaProperty): number | undefined {
  const factor = Object.hasOwn(minutesPer, unit ?? '') ? minutesPer[unit ?? ''] : undefined;
  return typeof value === 'number' && factor !== undefined ? value * factor : undefined;
}

/**
 * How old a snapshot may be at most when it is announced, as the contract promises: the largest of its `freshness` and
 * `latency` levels that have a known unit; undefined when it promises none.
 */
export function toFreshnessMinutes({ slaProperties }: Pick<DataContract, 'slaProperties'>): number | undefined {
  const spans = (slaProperties ?? [])
    .filter(({ property }) => property === 'freshness' || property === 'latency')
    .flatMap((level) => toMinutes(level) ?? [])
    .filter((minutes) => minutes > 0);
  return spans.length === 0 ? undefined : Math.max(1, Math.ceil(Math.max(...spans)));
}
