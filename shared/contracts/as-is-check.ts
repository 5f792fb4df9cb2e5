import type { z } from 'zod';

/** A check as a question about the kind of value that it was made for. A no may be wrong, a yes never is. */
type Check = (value: never) => boolean;

/**
 * A check of a schema, asked by its definition where that says it all: zod's own function wants an object with room for
 * issues, which costs more than the check.
 */
export function toCheck({ _zod }: z.core.$ZodCheck<never>): Check {
  // Every check there is belongs to this union, which tells them apart by the name in their definition.
  const def = _zod.def as (z.core.$ZodChecks | z.core.$ZodCustom)['_zod']['def'];
  switch (def.check) {
    // Lengths are counted in code points: at most one a unit, and at least one for two of them.
    case 'max_length':
      return (value: { length: number }) => value.length <= def.maximum;
    case 'min_length':
      return (value: { length: number }) => value.length >= def.minimum * 2 - 1;
    case 'less_than':
      return def.inclusive
        ? (value: z.core.util.Numeric) => value <= def.value
        : (value: z.core.util.Numeric) => value < def.value;
    case 'greater_than':
      return def.inclusive
        ? (value: z.core.util.Numeric) => value >= def.value
        : (value: z.core.util.Numeric) => value > def.value;
    case 'string_format':
      return toPatternCheck(def) ?? toOwnCheck(_zod);
    case 'custom':
      return (value) => def.fn?.(value) === true;
    default:
      return toOwnCheck(_zod);
  }
}

/** Formats that are a pattern and nothing else; a pattern that remembers where it was is left to zod. */
function toPatternCheck({ format, pattern }: z.core.$ZodCheckStringFormatDef): Check | undefined {
  const isAll = (format === 'regex' || format === 'datetime') && pattern !== undefined;
  return isAll && !pattern.global && !pattern.sticky ? (value: string) => pattern.test(value) : undefined;
}

function toOwnCheck(internals: z.core.$ZodCheckInternals<never>): Check {
  return (value) => {
    const payload: z.core.ParsePayload<never> = { value, issues: [] };
    return internals.check(payload) === undefined && payload.issues.length === 0 && payload.value === value;
  };
}
