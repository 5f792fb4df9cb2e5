import peggy from 'peggy';
import { sqlGrammar } from './sql-grammar.js';

/** What a filter sees of a message: system properties and the application's own, never the body. */
export interface FilterMessage {
  readonly system: Readonly<Record<string, string | undefined>>;
  readonly properties: ReadonlyMap<string, unknown>;
}

/** A filter or action that is not written in the language; says where. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
}

type Node =
  | { op: 'value'; value: string | number | boolean }
  | { op: 'property'; scope: 'sys' | 'user'; name: string }
  | { op: 'exists'; scope: 'sys' | 'user'; name: string }
  | { op: 'not' | 'null' | 'negate'; a: Node }
  | { op: 'in'; a: Node; list: Node[] }
  | { op: 'like'; a: Node; b: Node; escape: string | null }
  | { op: 'and' | 'or' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%'; a: Node; b: Node };

type Statement = { op: 'set'; name: string; value: Node } | { op: 'remove'; name: string };

/** A value, or undefined for SQL's NULL and UNKNOWN. */
type Value = string | number | boolean | undefined;

/** Longest expression the service takes. */
const maxLength = 1_024;
const parser = peggy.generate(sqlGrammar, { allowedStartRules: ['Filter', 'Action'] });

function parse(text: string, startRule: 'Filter' | 'Action'): unknown {
  if (text.length > maxLength) throw new FilterSyntaxError(`longer than ${maxLength} characters`);
  try {
    return parser.parse(text, { startRule });
  } catch (error) {
    throw new FilterSyntaxError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** A SQL filter as a predicate; UNKNOWN does not match. @throws FilterSyntaxError */
export function compileSqlFilter(expression: string): (message: FilterMessage) => boolean {
  const tree = parse(expression, 'Filter') as Node; // the grammar yields exactly these nodes
  return (message) => evaluate(tree, message) === true;
}

/** A SQL action as a function from properties to changed properties. @throws FilterSyntaxError */
export function compileSqlAction(text: string): (message: FilterMessage) => Map<string, unknown> {
  const statements = parse(text, 'Action') as Statement[]; // the grammar yields exactly these nodes
  return (message) => {
    const properties = new Map(message.properties);
    for (const statement of statements) {
      const value = statement.op === 'set' ? evaluate(statement.value, { ...message, properties }) : undefined;
      if (value === undefined) properties.delete(statement.name);
      else properties.set(statement.name, value);
    }
    return properties;
  };
}

function evaluate(node: Node, message: FilterMessage): Value {
  switch (node.op) {
    case 'value':
      return node.value;
    case 'property':
      return toValue(lookUp(node, message));
    case 'exists':
      return lookUp(node, message) !== undefined;
    case 'not':
      return negated(evaluate(node.a, message));
    case 'null':
      return evaluate(node.a, message) === undefined;
    case 'negate':
      return arithmetic('-', 0, evaluate(node.a, message));
    case 'and':
    case 'or':
      return connect(node.op, evaluate(node.a, message), evaluate(node.b, message));
    case 'in':
      return isIn(
        evaluate(node.a, message),
        node.list.map((item) => evaluate(item, message)),
      );
    case 'like':
      return isLike(evaluate(node.a, message), evaluate(node.b, message), node.escape);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(node.op, evaluate(node.a, message), evaluate(node.b, message));
    default:
      return compare(node.op, evaluate(node.a, message), evaluate(node.b, message));
  }
}

function lookUp({ scope, name }: { scope: 'sys' | 'user'; name: string }, message: FilterMessage): unknown {
  if (scope === 'user') return message.properties.get(name);
  const wanted = name.toLowerCase();
  const found = Object.entries(message.system).find(([each]) => each.toLowerCase() === wanted);
  return found?.[1] ?? (wanted === 'label' ? message.system['subject'] : undefined);
}

function toValue(value: unknown): Value {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

function negated(value: Value): Value {
  return typeof value === 'boolean' ? !value : undefined;
}

/** Three-valued AND and OR: a known false (true) decides, else UNKNOWN wins. */
function connect(op: 'and' | 'or', a: Value, b: Value): Value {
  const decisive = op === 'or';
  if (a === decisive || b === decisive) return decisive;
  return typeof a === 'boolean' && typeof b === 'boolean' ? !decisive : undefined;
}

function compare(op: '=' | '<>' | '<' | '<=' | '>' | '>=', a: Value, b: Value): Value {
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

function isIn(value: Value, list: Value[]): Value {
  const answers = list.map((item) => compare('=', value, item));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

function arithmetic(op: '+' | '-' | '*' | '/' | '%', a: Value, b: Value): Value {
  if (op === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  const results = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b };
  return Number.isFinite(results[op]) ? results[op] : undefined;
}

/** LIKE by walking both texts once per wildcard: no regular expression is built from foreign text. */
function isLike(value: Value, pattern: Value, escape: string | null): Value {
  if (typeof value !== 'string' || typeof pattern !== 'string') return undefined;
  const tokens = toTokens(pattern, escape);
  let reachable = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const at of reachable) {
      if (token.kind === 'any') for (let end = at; end <= value.length; end += 1) next.add(end);
      else if (at < value.length && (token.kind === 'one' || value[at] === token.char)) next.add(at + 1);
    }
    reachable = next;
  }
  return reachable.has(value.length);
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
