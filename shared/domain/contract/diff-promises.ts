import type { SlaProperty } from '../../contracts/registry/data-contract.js';
import { toContentHash } from '../identity.js';
import { type ContractChange, toShortText } from './contract-change.js';
import { toMinutes } from './sla.js';

/** Promises of which less is better, and of which more is. */
const lessIsBetter = new Set(['latency', 'freshness']);
const moreIsBetter = new Set(['availability', 'retention']);

interface Keyed {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Compare service levels, matched by property, element and driver. */
export function diffSla(before: readonly SlaProperty[], after: readonly SlaProperty[]): ContractChange[] {
  const keyed = (list: readonly SlaProperty[]): Keyed[] => list.map((value) => ({ key: toSlaKey(value), value }));
  return diffPromises('slaProperties', keyed(before), keyed(after), (old, now) =>
    // Both came from a list of service levels.
    compareLevels(old as SlaProperty, now as SlaProperty),
  );
}

function toSlaKey({ property, element, driver }: SlaProperty): string {
  return [property, element, driver].filter((part) => typeof part === 'string' && part !== '').join('/');
}

function compareLevels(before: SlaProperty, after: SlaProperty): ContractChange['kind'] {
  if (isSame([before.value, before.unit ?? null], [after.value, after.unit ?? null])) return 'cosmetic';
  const old = toMinutes(before) ?? toNumber(before, after);
  const now = toMinutes(after) ?? toNumber(after, before);
  if (old === undefined || now === undefined) return 'breaking';
  if (old === now) return 'cosmetic';
  if (lessIsBetter.has(before.property)) return now < old ? 'additive' : 'breaking';
  if (moreIsBetter.has(before.property)) return now > old ? 'additive' : 'breaking';
  return 'breaking';
}

/** A value in a unit that is no time; comparable only when the units are the same. */
function toNumber(one: SlaProperty, other: SlaProperty): number | undefined {
  return typeof one.value === 'number' && (one.unit ?? '') === (other.unit ?? '') ? one.value : undefined;
}

/** Compare quality rules, matched by name where they have one. A changed rule counts as weaker: nobody can say. */
export function diffQuality(
  path: string,
  before: readonly Readonly<Record<string, unknown>>[],
  after: readonly Readonly<Record<string, unknown>>[],
): ContractChange[] {
  return diffPromises(path, toRules(before), toRules(after), () => 'breaking');
}

function toRules(list: readonly Readonly<Record<string, unknown>>[]): Keyed[] {
  return list.map((value) => {
    const { name } = value;
    return { key: typeof name === 'string' ? name : `#${toContentHash(value).slice(0, 8)}`, value };
  });
}

function diffPromises(
  path: string,
  before: readonly Keyed[],
  after: readonly Keyed[],
  compare: (old: Keyed['value'], now: Keyed['value']) => ContractChange['kind'],
): ContractChange[] {
  const old = new Map(before.map(({ key, value }) => [key, value]));
  const now = new Map(after.map(({ key, value }) => [key, value]));
  const removed = [...old.keys()].filter((key) => !now.has(key));
  return [
    ...removed.map((key): ContractChange => {
      return { kind: 'breaking', code: 'promise-removed', path: `${path}.${key}`, message: 'is no longer promised' };
    }),
    ...[...now].flatMap(([key, value]): ContractChange[] => {
      const earlier = old.get(key);
      const place = `${path}.${key}`;
      if (earlier === undefined) {
        return [{ kind: 'additive', code: 'promise-added', path: place, message: 'is promised now' }];
      }
      if (isSame(earlier, value)) return [];
      const kind = compare(earlier, value);
      const code = { breaking: 'promise-weakened', additive: 'promise-strengthened', cosmetic: 'promise-reworded' }[
        kind
      ];
      const text = (one: Keyed['value']): string => toShortText(one['value'] ?? one);
      return [{ kind, code, path: place, message: `was ${text(earlier)}, is ${text(value)}` }];
    }),
  ];
}

function isSame(a: unknown, b: unknown): boolean {
  return toContentHash(a) === toContentHash(b);
}
