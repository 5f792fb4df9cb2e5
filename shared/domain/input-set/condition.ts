import type { Condition } from '../../contracts/subscription.js';

/** Whether a condition holds for the inputs that are there. */
export function holds(condition: Condition, present: ReadonlySet<string>): boolean {
  if (typeof condition === 'string') return present.has(condition);
  if ('all' in condition) return condition.all.every((part) => holds(part, present));
  if ('any' in condition) return condition.any.some((part) => holds(part, present));
  return condition.of.filter((part) => holds(part, present)).length >= condition.atLeast;
}

/** A smallest set of further inputs that would make the condition hold; undefined when none can. */
export function findMissing(condition: Condition, present: ReadonlySet<string>): readonly string[] | undefined {
  if (typeof condition === 'string') return present.has(condition) ? [] : [condition];
  if ('all' in condition) return smallestUnion(condition.all, condition.all.length, present);
  if ('any' in condition) return smallestUnion(condition.any, 1, present);
  return smallestUnion(condition.of, condition.atLeast, present);
}

/** The `count` parts that miss the fewest inputs, taken together; exact unless parts share inputs. */
function smallestUnion(parts: readonly Condition[], count: number, present: ReadonlySet<string>): string[] | undefined {
  const missing = parts.map((part) => findMissing(part, present)).filter((names) => names !== undefined);
  if (missing.length < count) return undefined;
  const cheapest = [...missing].sort((a, b) => a.length - b.length).slice(0, count);
  return [...new Set(cheapest.flat())].sort();
}

/** Every input a condition names. */
export function toNames(condition: Condition): string[] {
  if (typeof condition === 'string') return [condition];
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : condition.of;
  return parts.flatMap(toNames);
}
