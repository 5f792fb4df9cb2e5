import peggy from 'peggy';
import { sqlGrammar } from './sql-grammar.js';
import { arithmetic, compare, connect, isIn, isLike, negated, toValue, type Value } from './sql-values.js';

/** What a filter sees of a message: system properties and the application's own, never the body. */
export interface FilterMessage {
  readonly system: Readonly<Record<string, string | undefined>>;
  readonly properties: ReadonlyMap<string, unknown>;
}

/** A filter or action that is not written in the language; the message says where. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  constructor(
    readonly problem: string,
    /** Characters before the place of the problem. */
    readonly offset: number,
    text: string,
  ) {
    const before = text.slice(0, offset).split('\n');
    super(`line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ${problem}`);
  }
}

type Node =
  | { op: 'value'; value?: string | number | boolean }
  | { op: 'property'; scope: 'sys' | 'user'; name: string }
  | { op: 'exists'; scope: 'sys' | 'user'; name: string }
  | { op: 'not' | 'null' | 'negate'; a: Node }
  | { op: 'in'; a: Node; list: Node[] }
  | { op: 'like'; a: Node; b: Node; escape: string | null }
  | { op: 'and' | 'or' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%'; a: Node; b: Node };

type Statement = { scope: 'sys' | 'user'; name: string; at: number } & ({ op: 'set'; value: Node } | { op: 'remove' });

/** Longest expression the service takes. */
const maxLength = 1_024;
/** Deepest nesting of parentheses; the service's own limit is not published. */
const maxDepth = 100;
const parser = peggy.generate(sqlGrammar, { allowedStartRules: ['Filter', 'Action'] });

function parse(text: string, startRule: 'Filter' | 'Action'): unknown {
  if (text.length > maxLength) throw new FilterSyntaxError(`longer than ${maxLength} characters`, maxLength, '');
  refuseDepth(text);
  try {
    return parser.parse(text, { startRule });
  } catch (error) {
    if (!(error instanceof parser.SyntaxError)) throw error;
    throw new FilterSyntaxError(error.message, error.location.start.offset, text);
  }
}

function refuseDepth(text: string): void {
  let depth = 0;
  for (const { 0: found, index } of text.matchAll(/'[^']*'|"[^"]*"|\[[^\]]*\]|[()]/g)) {
    if (found === '(') depth += 1;
    if (found === ')') depth -= 1;
    if (depth > maxDepth) throw new FilterSyntaxError(`more than ${maxDepth} nested parentheses`, index, text);
  }
}

/** A SQL filter as a predicate; UNKNOWN does not match. @throws FilterSyntaxError */
export function compileSqlFilter(expression: string): (message: FilterMessage) => boolean {
  const tree = parse(expression, 'Filter') as Node; // the grammar yields exactly these nodes
  return (message) => evaluate(tree, message) === true;
}

/** The system properties an action can set, by their names in the language. */
const settable = {
  contenttype: 'contentType',
  correlationid: 'correlationId',
  label: 'subject',
  subject: 'subject',
  replyto: 'replyTo',
  replytosessionid: 'replyToSessionId',
  sessionid: 'sessionId',
  to: 'to',
} as const;
type SystemName = (typeof settable)[keyof typeof settable];

/** What an action changes; undefined takes a property away. */
export interface ActionResult {
  readonly system: { readonly [K in SystemName]?: string | undefined };
  readonly properties: Readonly<Record<string, Value>>;
}

/** A SQL action as a function from a message to its changes; each statement sees those before it. @throws FilterSyntaxError */
export function compileSqlAction(text: string): (message: FilterMessage) => ActionResult {
  const statements = parse(text, 'Action') as Statement[]; // the grammar yields exactly these nodes
  const targets = statements.map((statement) => [statement, toTarget(statement, text)] as const);
  return (message) => {
    const system: Partial<Record<SystemName, string | undefined>> = {};
    const properties: Record<string, Value> = {};
    const seen = { system: { ...message.system }, properties: new Map(message.properties) };
    for (const [statement, { scope, name }] of targets) {
      const value = statement.op === 'set' ? evaluate(statement.value, seen) : undefined;
      if (scope === 'sys') seen.system[name] = system[name] = value === undefined ? value : String(value);
      else seen.properties.set(name, (properties[name] = value));
    }
    return { system, properties };
  };
}

type Target = { scope: 'sys'; name: SystemName } | { scope: 'user'; name: string };

function toTarget({ scope, name, at }: Statement, text: string): Target {
  if (scope === 'user') return { scope, name };
  const found = Object.entries(settable).find(([each]) => each === name.toLowerCase())?.[1];
  if (found === undefined) throw new FilterSyntaxError(`sys.${name} cannot be changed by an action`, at, text);
  return { scope, name: found };
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
