import type { z } from 'zod';
import { toCheck } from './as-is-check.js';

/**
 * Whether a schema would return what `JSON.parse` returned as it is. A no says nothing: the schema itself has to be asked.
 */
export type AsIs = (value: unknown) => boolean;

/**
 * A schema as a question, which takes a third of the time because it copies nothing. It asks the schema's own checks
 * and so knows no rule of its own; kinds of schema that could change a value are answered with no.
 */
export function toAsIs(schema: z.core.$ZodType): AsIs {
  // Every schema there is belongs to this union, which tells them apart by the type of their definition.
  const { def, values } = (schema as z.core.$ZodTypes)._zod;
  const passes = toChecks(schema);
  switch (def.type) {
    case 'string':
      return (value) => typeof value === 'string' && passes(value);
    case 'number':
      return (value) => Number.isFinite(value) && passes(value);
    case 'literal':
    case 'enum':
      return (value) => values?.has(value as z.core.util.Literal) === true; // what is none is not in the set
    case 'optional':
      return toAsIs(def.innerType);
    case 'array': {
      const isItem = toAsIs(def.element);
      return (value) => Array.isArray(value) && value.every(isItem) && passes(value);
    }
    case 'object': {
      const hasMembers = toMembers(def);
      return (value) => isRecord(value) && hasMembers(value) && passes(value);
    }
    default:
      return () => false;
  }
}

/** The checks of a schema, and the schema itself when it is a format, which is both. */
function toChecks({ _zod }: z.core.$ZodType): AsIs {
  const own = 'check' in _zod ? [{ _zod }] : [];
  // A check is only given the kind of value that it was made for.
  const all = [...own, ...(_zod.def.checks ?? [])] as z.core.$ZodCheck<never>[];
  const [first, ...others] = all.map(toCheck) as AsIs[];
  // A function in a function, which takes less than a walk through a list.
  return others.reduce((passes, check) => (value) => passes(value) && check(value), first ?? (() => true));
}

/**
 * Members in the order of the schema, which is the order in which it returns them; then those that it does not name.
 * Only a schema that keeps those returns a value as it is.
 */
function toMembers({ shape, catchall }: z.core.$ZodObjectDef): (value: Readonly<Record<string, unknown>>) => boolean {
  if (catchall?._zod.def.type !== 'unknown') return () => false;
  const members = Object.entries(shape).map(([name, schema]) => {
    return { name, mayLack: mayLack(schema), isAsIs: toAsIs(schema) };
  });
  const lastRequired = members.findLastIndex(({ mayLack }) => !mayLack);
  return (value) => {
    let next = 0;
    for (const name of Object.keys(value)) {
      let member = members[next];
      while (member?.mayLack && member.name !== name) member = members[(next += 1)];
      if (member === undefined && !Object.hasOwn(shape, name)) continue;
      if (member?.name !== name || !member.isAsIs(value[name])) return false;
      next += 1;
    }
    return next > lastRequired;
  };
}

/** Whether a member that is not there stays so: a default would fill it in. */
function mayLack(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod; // as above
  return def.type === 'optional' && def.innerType._zod.optin === undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
