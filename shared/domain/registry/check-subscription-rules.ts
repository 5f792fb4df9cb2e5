import { IANAZone } from 'luxon';
import { limits } from '../../contracts/limits.js';
import { type Condition, periods, type SubscriptionEntry } from '../../contracts/subscription.js';
import { toNames } from '../input-set/condition.js';
import type { EntryPath } from './registry-problem.js';
import { toNamedInputs } from './subscription-inputs.js';

/** Something about a subscription's rules that must be mended before it can mean anything. */
export interface RuleFinding {
  readonly code: string;
  readonly path: EntryPath;
  readonly message: string;
  readonly fix: string;
}

/** Everything in a subscription's inputs, condition, alignment and flow that contradicts itself. */
export function checkSubscriptionRules(entry: SubscriptionEntry): RuleFinding[] {
  return [...checkZones(entry), ...checkCoalesce(entry), ...(entry.inputs === undefined ? [] : checkInputs(entry))];
}

function checkInputs(entry: SubscriptionEntry): RuleFinding[] {
  return [
    ...checkCondition(entry),
    ...checkPortsOnce(entry),
    ...toNamedInputs(entry).flatMap(({ name }) => [...checkLag(entry, name), ...checkCoverage(entry, name)]),
  ];
}

function checkCondition(entry: SubscriptionEntry): RuleFinding[] {
  const inputs = toNamedInputs(entry);
  const path = ['when'];
  if (entry.when === undefined) {
    if (inputs.some(({ input }) => !input.optional)) return [];
    const fix = 'leave "optional" out of one of them, or say under "when" what must be there';
    return [{ code: 'nothing-required', path: ['inputs'], message: 'every input is optional', fix }];
  }
  const known = new Set(inputs.map(({ name }) => name));
  const unknown = [...new Set(toNames(entry.when))].filter((name) => !known.has(name));
  const named = `name one of ${[...known].join(', ')}`;
  return [
    ...unknown.map((name) => ({ code: 'unknown-input', path, message: `there is no input "${name}"`, fix: named })),
    ...findImpossible(entry.when).map(({ atLeast, of }) => ({
      code: 'impossible-condition',
      path,
      message: `at least ${atLeast} of ${of} can never be there`,
      fix: 'ask for fewer, or list more',
    })),
  ];
}

function findImpossible(condition: Condition): { atLeast: number; of: number }[] {
  if (typeof condition === 'string') return [];
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : condition.of;
  const here = 'atLeast' in condition && condition.atLeast > condition.of.length;
  return [...(here ? [{ atLeast: condition.atLeast, of: condition.of.length }] : []), ...parts.flatMap(findImpossible)];
}

/** A snapshot stands for one input; which of two, nobody could say. */
function checkPortsOnce(entry: SubscriptionEntry): RuleFinding[] {
  const first = new Map<string, string>();
  return toNamedInputs(entry).flatMap(({ name, input }) => {
    const other = first.get(input.port);
    first.set(input.port, other ?? name);
    if (other === undefined) return [];
    const message = `${input.port} is the port of input "${other}" already`;
    return [{ code: 'port-twice', path: ['inputs', name, 'port'], message, fix: 'keep one of the two inputs' }];
  });
}

function checkLag(entry: SubscriptionEntry, name: string): RuleFinding[] {
  if (entry.inputs?.[name]?.maxLagPeriods === undefined || isPeriod(entry.align?.by)) return [];
  const message = 'an input can lag only when the inputs are aligned by a period';
  const fix = `set align.by to one of ${periods.join(', ')}`;
  return [{ code: 'lag-without-period', path: ['inputs', name, 'maxLagPeriods'], message, fix }];
}

/** Most parts of a period, on its longest day or in its longest month. */
const parts: Record<string, number> = {
  'hour day': 25,
  'hour week': 169,
  'hour month': 745,
  'day week': 7,
  'day month': 31,
  'week month': 6,
};

function checkCoverage(entry: SubscriptionEntry, name: string): RuleFinding[] {
  const covers = entry.inputs?.[name]?.covers;
  if (covers === undefined) return [];
  const path = ['inputs', name, 'covers'];
  const by = entry.align?.by ?? 'exact';
  const count = parts[`${covers.grain} ${by}`];
  if (count === undefined) {
    const message = `snapshots of one ${covers.grain} cannot make up a period by "${by}"`;
    return [{ code: 'coverage-without-period', path, message, fix: 'set align.by to a longer period than the grain' }];
  }
  if (count <= limits.inputsPerTrigger) return [];
  const message = `${count} snapshots would be needed, a trigger holds at most ${limits.inputsPerTrigger}`;
  return [{ code: 'too-many-parts', path, message, fix: 'let another port sum them up first, by day for example' }];
}

function checkZones({ align, windows }: SubscriptionEntry): RuleFinding[] {
  const zones: [EntryPath, string][] = [
    ...(align ? [[['align', 'timeZone'], align.timeZone] as [EntryPath, string]] : []),
    ...(windows ?? []).map(({ timeZone }, at): [EntryPath, string] => [['windows', at, 'timeZone'], timeZone]),
  ];
  return zones
    .filter(([, zone]) => !IANAZone.isValidZone(zone))
    .map(([path, zone]) => ({
      code: 'unknown-time-zone',
      path,
      message: `"${zone}" is not a time zone`,
      fix: 'write an IANA name such as Europe/Zurich',
    }));
}

function checkCoalesce({ coalesce }: SubscriptionEntry): RuleFinding[] {
  if (coalesce?.quietMinutes === undefined && coalesce?.maxWaitMinutes === undefined) return [];
  const { mode, quietMinutes, maxWaitMinutes } = coalesce;
  if (mode !== 'latest' || quietMinutes === undefined) {
    const message = 'waiting for quiet means something only with mode "latest" and quietMinutes';
    return [{ code: 'quiet-without-latest', path: ['coalesce'], message, fix: 'set both, or leave the waiting out' }];
  }
  if (maxWaitMinutes === undefined || maxWaitMinutes >= quietMinutes) return [];
  const message = 'the longest wait is shorter than the quiet it waits for';
  return [
    { code: 'wait-too-short', path: ['coalesce', 'maxWaitMinutes'], message, fix: 'make it longer than quietMinutes' },
  ];
}

function isPeriod(by: string | undefined): boolean {
  return periods.some((period) => period === by);
}
