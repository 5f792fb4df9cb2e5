import type { ContractProperty } from '../../contracts/registry/data-contract.js';
import { toContentHash } from '../identity.js';
import { type ContractChange, toShortText } from './contract-change.js';

/** Constraints whose values have an order, and in which direction they leave more room. */
const upperBounds = new Set(['maximum', 'maxLength', 'maxItems', 'maxProperties']);
const lowerBounds = new Set(['minimum', 'minLength', 'minItems', 'minProperties']);
const flags = new Set(['exclusiveMaximum', 'exclusiveMinimum', 'uniqueItems']);

/** What is said elsewhere (`required` counts as the properties' own) or only shows how to write values. */
const skipped = new Set(['required']);

/**
 * Compare what limits a property's values (`logicalTypeOptions`, `enum`). A limit that became wider lets values
 * through that readers have never seen: breaking. A narrower or new one does not.
 */
export function diffConstraints(path: string, before: ContractProperty, after: ContractProperty): ContractChange[] {
  const old = before.logicalTypeOptions ?? {};
  const now = after.logicalTypeOptions ?? {};
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !skipped.has(name)).sort();
  return [
    ...names.flatMap((name) => diffConstraint(`${path}.${name}`, name, old[name], now[name])),
    ...diffAllowedValues(`${path}.enum`, toValues(before['enum']), toValues(after['enum'])),
  ];
}

function diffConstraint(path: string, name: string, before: unknown, after: unknown): ContractChange[] {
  if (toContentHash(before ?? null) === toContentHash(after ?? null)) return [];
  const message = `was ${toShortText(before)}, is ${toShortText(after)}`;
  const narrower = isNarrower(name, before, after);
  return [
    narrower
      ? { kind: 'additive', code: 'limit-narrowed', path, message }
      : { kind: 'breaking', code: 'limit-widened', path, message },
  ];
}

/** Unknown constraints that change count as wider: nobody can say that they are not. */
function isNarrower(name: string, before: unknown, after: unknown): boolean {
  if (flags.has(name)) return after === true;
  if (before === undefined || before === null) return true;
  if (typeof before !== typeof after || (typeof after !== 'number' && typeof after !== 'string')) return false;
  // Bounds of dates are text in a form whose order is that of time.
  if (upperBounds.has(name)) return after < (before as typeof after); // same type, checked above
  if (lowerBounds.has(name)) return after > (before as typeof after); // same type, checked above
  return false;
}

/** ODCS v3.2 lists allowed values as objects with a `value`. */
function toValues(list: unknown): string[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.map((each: unknown) => JSON.stringify(isEntry(each) ? each.value : each));
}

function isEntry(value: unknown): value is { value: unknown } {
  return typeof value === 'object' && value !== null && 'value' in value;
}

function diffAllowedValues(
  path: string,
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): ContractChange[] {
  if (before === undefined && after === undefined) return [];
  if (after === undefined) {
    return [{ kind: 'breaking', code: 'limit-widened', path, message: 'any value is allowed now' }];
  }
  if (before === undefined) {
    return [{ kind: 'additive', code: 'limit-narrowed', path, message: 'only listed values are allowed now' }];
  }
  const added = after.filter((value) => !before.includes(value));
  const removed = before.filter((value) => !after.includes(value));
  const changes: ContractChange[] = [];
  if (added.length > 0) {
    const message = `values readers have never seen: ${toShortText(added.join(', '))}`;
    changes.push({ kind: 'breaking', code: 'value-added', path, message });
  }
  if (removed.length > 0) {
    const message = `no longer used: ${toShortText(removed.join(', '))}`;
    changes.push({ kind: 'additive', code: 'value-removed', path, message });
  }
  return changes;
}
