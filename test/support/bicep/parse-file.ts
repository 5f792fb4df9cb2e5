import { readFileSync } from 'node:fs';
import { parseCondition, parseExpression, parseObject, toPosition } from './parse-expression.js';
import type { BicepFile, Declaration, Decorator, Expression } from './syntax.js';
import { TokenStream } from './token-stream.js';
import { BicepSyntaxError, tokenize } from './tokens.js';

/** Read and parse one file. @throws BicepSyntaxError, its message begins with the path */
export function parseBicepFile(path: string): BicepFile {
  return parseBicep(readFileSync(path, 'utf8'), path);
}

/** Parse a file's text. @throws BicepSyntaxError, its message begins with `path` */
export function parseBicep(source: string, path: string): BicepFile {
  try {
    const { tokens, comments } = tokenize(source);
    const stream = new TokenStream(tokens);
    const declarations: Declaration[] = [];
    let targetScope = 'resourceGroup';
    stream.skipNewlines();
    while (stream.current.kind !== 'end') {
      const decorators = parseDecorators(stream);
      if (stream.tryName('targetScope')) targetScope = parseTargetScope(stream);
      else if (stream.tryName('metadata')) parseMetadata(stream);
      else declarations.push(parseDeclaration(stream, decorators));
      stream.takeLineEnd();
    }
    return { path, targetScope, declarations, comments };
  } catch (error) {
    if (error instanceof BicepSyntaxError) error.message = `${path}:${error.message}`;
    throw error;
  }
}

function parseDecorators(stream: TokenStream): Decorator[] {
  const decorators: Decorator[] = [];
  while (stream.isMark('@')) {
    const at = toPosition(stream.next());
    const call = parseExpression(stream);
    if (call.kind !== 'call') stream.fail('expected a decorator with its arguments');
    decorators.push({ name: call.name, args: call.args, ...at });
    stream.takeLineEnd();
  }
  return decorators;
}

function parseTargetScope(stream: TokenStream): string {
  stream.takeMark('=');
  return stream.takePlainText();
}

function parseMetadata(stream: TokenStream): void {
  stream.takeName();
  stream.takeMark('=');
  parseExpression(stream);
}

function parseDeclaration(stream: TokenStream, decorators: readonly Decorator[]): Declaration {
  const at = toPosition(stream.current);
  const keyword = stream.takeName();
  if (!['param', 'var', 'resource', 'module', 'output'].includes(keyword)) {
    stream.fail(`"${keyword}" begins nothing this check understands; expected a declaration`);
  }
  const head = { name: stream.takeName(), decorators, ...at };
  switch (keyword) {
    case 'param': {
      const type = parseType(stream);
      return { kind: 'param', ...head, type, ...(stream.tryMark('=') && { default: parseExpression(stream) }) };
    }
    case 'var':
      stream.takeMark('=');
      return { kind: 'var', ...head, value: parseExpression(stream) };
    case 'output': {
      const type = parseType(stream);
      stream.takeMark('=');
      return { kind: 'output', ...head, type, value: parseExpression(stream) };
    }
    case 'module': {
      const path = stream.takePlainText();
      stream.takeMark('=');
      return { kind: 'module', ...head, path, value: parseValue(stream) };
    }
    default: {
      const reference = stream.takePlainText();
      const [type, apiVersion] = reference.split('@');
      if (!type || !apiVersion) stream.fail(`"${reference}" is not type@version; expected one`);
      const existing = stream.tryName('existing');
      stream.takeMark('=');
      return { kind: 'resource', ...head, type, apiVersion, existing, value: parseValue(stream) };
    }
  }
}

/** The right side of a resource or module: an object, with a condition, in a loop, or both. */
function parseValue(stream: TokenStream): Expression {
  if (stream.isName('if')) return parseCondition(stream);
  if (stream.isMark('[')) {
    const loop = parseExpression(stream);
    if (loop.kind === 'loop') return loop;
    return stream.fail('expected a loop');
  }
  return parseObject(stream);
}

function parseType(stream: TokenStream): string {
  let type = stream.current.kind === 'string' ? `'${stream.takePlainText()}'` : stream.takeName();
  while (stream.tryMark('[')) {
    stream.takeMark(']');
    type += '[]';
  }
  if (stream.tryMark('?')) type += '?';
  return type;
}
