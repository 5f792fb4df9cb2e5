/** A value, or undefined for SQL's NULL and UNKNOWN. */
export type Value = string | number | boolean | undefined;

/** A property's value as the language sees it. */
export function toValue(value: unknown): Value {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** NOT, which leaves UNKNOWN unknown. */
export function negated(value: Value): Value {
  return typeof value === 'boolean' ? !value : undefined;
}

/** Three-valued AND and OR: a known false (true) decides, else UNKNOWN wins. */
export function connect(op: 'and' | 'or', a: Value, b: Value): Value {
  const decisive = op === 'or';
  if (a === decisive || b === decisive) return decisive;
  return typeof a === 'boolean' && typeof b === 'boolean' ? !decisive : undefined;
}

/** A comparison; values of different types are not comparable. */
export function compare(op: '=' | '<>' | '<' | '<=' | '>' | '>=', a: Value, b: Value): Value {
  if (a === undefined || b === undefined || typeof a !== typeof b) return undefined;
  switch (op) {
    case '=':
      return a === b;
    case '<>':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return op satisfies never;
  }
}

/** IN: a match decides, else UNKNOWN wins. */
export function isIn(value: Value, list: Value[]): Value {
  const answers = list.map((item) => compare('=', value, item));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

/** Arithmetic on numbers, and + on texts; anything else is UNKNOWN. */
export function arithmetic(op: '+' | '-' | '*' | '/' | '%', a: Value, b: Value): Value {
  if (op === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  const results = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b };
  return Number.isFinite(results[op]) ? results[op] : undefined;
}

/** LIKE without backtracking further than the last wildcard, and without a regular expression from foreign text. */
export function isLike(value: Value, pattern: Value, escape: string | null): Value {
  if (typeof value !== 'string' || typeof pattern !== 'string') return undefined;
  const tokens = toTokens(pattern, escape);
  let [at, token, resumeAt, resumeToken] = [0, 0, 0, -1];
  while (at < value.length) {
    const current = tokens[token];
    if (current?.kind === 'any') {
      resumeToken = ++token;
      resumeAt = at;
    } else if (current && (current.kind === 'one' || current.char === value[at])) {
      at += 1;
      token += 1;
    } else if (resumeToken >= 0) {
      at = ++resumeAt;
      token = resumeToken;
    } else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === 'any');
}

type Token = { kind: 'any' } | { kind: 'one' } | { kind: 'char'; char: string };

function toTokens(pattern: string, escape: string | null): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? '';
    if (escape !== null && char === escape) tokens.push({ kind: 'char', char: pattern[++at] ?? '' });
    else if (char === '%') tokens.push({ kind: 'any' });
    else tokens.push(char === '_' ? { kind: 'one' } : { kind: 'char', char });
  }
  return tokens;
}
