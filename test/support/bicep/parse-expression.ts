import type { Entry, Expression } from './syntax.js';
import type { Position, Token } from './tokens.js';
import { TokenStream } from './token-stream.js';

/** How tightly each operator binds its operands. */
const binding: Readonly<Record<string, number>> = {
  '??': 1,
  '||': 2,
  '&&': 3,
  '==': 4,
  '!=': 4,
  '=~': 4,
  '!~': 4,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
};

/** Parse one expression and leave the stream behind it. @throws BicepSyntaxError */
export function parseExpression(stream: TokenStream): Expression {
  const at = toPosition(stream.current);
  const test = parseBinary(stream, 0);
  if (!stream.tryMark('?')) return test;
  const yes = parseExpression(stream);
  stream.takeMark(':');
  return { kind: 'ternary', test, yes, no: parseExpression(stream), ...at };
}

function parseBinary(stream: TokenStream, least: number): Expression {
  let left = parseUnary(stream);
  for (;;) {
    const token = stream.current;
    const power = token.kind === 'mark' ? binding[token.text] : undefined;
    if (token.kind !== 'mark' || power === undefined || power <= least) return left;
    stream.next();
    stream.skipNewlines();
    left = { kind: 'binary', operator: token.text, left, right: parseBinary(stream, power), ...toPosition(token) };
  }
}

function parseUnary(stream: TokenStream): Expression {
  const token = stream.current;
  if (token.kind === 'mark' && (token.text === '!' || token.text === '-')) {
    stream.next();
    return { kind: 'unary', operator: token.text, operand: parseUnary(stream), ...toPosition(token) };
  }
  return parseAccess(stream, parsePrimary(stream));
}

function parseAccess(stream: TokenStream, start: Expression): Expression {
  let object = start;
  for (;;) {
    const at = toPosition(stream.current);
    const asserted = stream.isMark('!') && stream.tryMark('!');
    if (stream.isMark('.') || stream.isMark('.?') || stream.isMark('::')) {
      const careful = asserted || stream.isMark('.?');
      stream.next();
      const name = stream.takeName();
      object = stream.isMark('(')
        ? { kind: 'method', object, name, args: parseArguments(stream), ...at }
        : { kind: 'member', object, name, careful, ...at };
    } else if (stream.tryMark('[') || stream.tryMark('[?')) {
      const index = parseExpression(stream);
      stream.takeMark(']');
      object = { kind: 'index', object, index, ...at };
    } else {
      return object;
    }
  }
}

function parsePrimary(stream: TokenStream): Expression {
  const token = stream.current;
  const at = toPosition(token);
  switch (token.kind) {
    case 'number':
      stream.next();
      return { kind: 'literal', value: token.value, ...at };
    case 'string':
      stream.next();
      return toText(token);
    case 'name':
      return parseNamed(stream, at);
    case 'mark':
      return parseMarked(stream, at);
    default:
      return stream.fail('expected an expression');
  }
}

function parseNamed(stream: TokenStream, at: Position): Expression {
  const name = stream.takeName();
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', ...at };
  if (name === 'null') return { kind: 'literal', value: null, ...at };
  if (stream.isMark('(')) return { kind: 'call', name, args: parseArguments(stream), ...at };
  if (stream.tryMark('=>')) return { kind: 'lambda', params: [name], body: parseExpression(stream), ...at };
  return { kind: 'name', name, ...at };
}

function parseMarked(stream: TokenStream, at: Position): Expression {
  if (stream.isMark('{')) return parseObject(stream);
  if (stream.isMark('[')) return parseArray(stream);
  if (stream.tryMark('(')) {
    stream.skipNewlines();
    const inner = parseExpression(stream);
    stream.skipNewlines();
    stream.takeMark(')');
    return { ...inner, ...at };
  }
  return stream.fail('expected an expression');
}

function toText(token: Extract<Token, { kind: 'string' }>): Expression {
  const at = toPosition(token);
  if (token.holes.length === 0) return { kind: 'literal', value: token.texts[0] ?? '', ...at };
  const holes = token.holes.map((tokens) => {
    const stream = new TokenStream(tokens);
    const hole = parseExpression(stream);
    if (stream.current.kind !== 'end') stream.fail('expected "}"');
    return hole;
  });
  return { kind: 'interpolation', texts: token.texts, holes, ...at };
}

function parseArguments(stream: TokenStream): Expression[] {
  stream.takeMark('(');
  const args: Expression[] = [];
  stream.skipNewlines();
  while (!stream.isMark(')')) {
    args.push(parseExpression(stream));
    stream.skipNewlines();
    if (!stream.isMark(')')) stream.takeMark(',');
    stream.skipNewlines();
  }
  stream.takeMark(')');
  return args;
}

/** An object; its members are separated by line ends or commas. */
export function parseObject(stream: TokenStream): Expression {
  const at = toPosition(stream.takeMark('{'));
  const entries: Entry[] = [];
  stream.skipNewlines();
  while (!stream.isMark('}')) {
    entries.push(parseEntry(stream));
    takeSeparator(stream, '}');
  }
  stream.takeMark('}');
  return { kind: 'object', entries, ...at };
}

function parseEntry(stream: TokenStream): Entry {
  const token = stream.current;
  const at = toPosition(token);
  const key: Expression =
    token.kind === 'string' ? parsePrimary(stream) : { kind: 'literal', value: stream.takeName(), ...at };
  stream.takeMark(':');
  stream.skipNewlines();
  return { key, value: parseExpression(stream), ...at };
}

function parseArray(stream: TokenStream): Expression {
  const at = toPosition(stream.takeMark('['));
  stream.skipNewlines();
  if (stream.tryName('for')) return parseLoop(stream, at);
  const items: Expression[] = [];
  while (!stream.isMark(']')) {
    items.push(parseExpression(stream));
    takeSeparator(stream, ']');
  }
  stream.takeMark(']');
  return { kind: 'array', items, ...at };
}

function takeSeparator(stream: TokenStream, close: string): void {
  if (stream.isMark(close)) return;
  if (!stream.tryMark(',') && stream.current.kind !== 'newline')
    stream.fail(`expected "," or a new line or "${close}"`);
  stream.skipNewlines();
}

function parseLoop(stream: TokenStream, at: Position): Expression {
  const both = stream.tryMark('(');
  const item = stream.takeName();
  if (both) stream.takeMark(',');
  const index = both ? stream.takeName() : undefined;
  if (both) stream.takeMark(')');
  if (!stream.tryName('in')) stream.fail('expected "in"');
  const list = parseExpression(stream);
  stream.takeMark(':');
  const body = stream.isName('if') ? parseCondition(stream) : parseExpression(stream);
  stream.skipNewlines();
  stream.takeMark(']');
  return { kind: 'loop', item, ...(index !== undefined && { index }), list, body, ...at };
}

/** `if (condition) { ... }` of a resource or module. */
export function parseCondition(stream: TokenStream): Expression {
  const at = toPosition(stream.current);
  if (!stream.tryName('if')) stream.fail('expected "if"');
  if (!stream.isMark('(')) stream.fail('expected "("');
  const [condition] = parseArguments(stream);
  if (!condition) return stream.fail('expected a condition');
  return { kind: 'if', condition, body: parseObject(stream), ...at };
}

export function toPosition({ line, column }: Position): Position {
  return { line, column };
}
