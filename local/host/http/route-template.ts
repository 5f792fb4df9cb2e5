const CONSTRAINTS: Readonly<Record<string, string>> = {
  int: '^-?\\d+$',
  long: '^-?\\d+$',
  alpha: '^[A-Za-z]+$',
  bool: '^(?:[Tt]rue|[Ff]alse)$',
  guid: '^[0-9a-fA-F-]{36}$',
  decimal: '^-?\\d+(?:\\.\\d+)?$',
  double: '^-?\\d+(?:\\.\\d+)?$',
  float: '^-?\\d+(?:\\.\\d+)?$',
};

/** `{name}`, `{*rest}`, `{name:rule}`, `{name?}`. */
const PARAMETER = /\{(\*{0,2})([^}:?=]+)((?::[^}?]+)?)(\??)\}/g;

/**
 * The router's patterns for a route template: `items/{id:int}`, `items/{id?}`, `files/{*path}`.
 *
 * An optional last parameter gives two patterns. `wildcard` is the name of a `{*name}` parameter.
 *
 * @throws Error for a constraint that is not supported
 */
export function toPatterns(template: string): { readonly patterns: readonly string[]; readonly wildcard?: string } {
  const segments = template.split('/').filter((segment) => segment !== '');
  let wildcard: string | undefined;
  let optionalFrom = segments.length;
  const parts = segments.map((segment, index) =>
    segment.replaceAll(PARAMETER, (...match: (string | undefined)[]) => {
      const [, star, name, rule, optional] = match;
      if (star) wildcard = name;
      if (star) return '*';
      if (optional) optionalFrom = Math.min(optionalFrom, index);
      return `:${name ?? ''}${toConstraint(rule)}`;
    }),
  );
  const full = `/${parts.join('/')}`;
  const patterns = optionalFrom < parts.length ? [`/${parts.slice(0, optionalFrom).join('/')}`, full] : [full];
  return wildcard === undefined ? { patterns } : { patterns, wildcard };
}

function toConstraint(rule: string | undefined): string {
  if (!rule) return '';
  const name = rule.slice(1);
  const known = CONSTRAINTS[name.toLowerCase()];
  if (known) return `(${known})`;
  const regex = /^regex\((.+)\)$/.exec(name)?.[1];
  if (regex) return `(${regex})`;
  throw new Error(
    `route constraint "${name}" is not supported here; use one of ${Object.keys(CONSTRAINTS).join(', ')}`,
  );
}
